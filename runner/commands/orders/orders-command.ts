import type { CommandReport } from '../../kit/command.ts'
import { printable } from '../../kit/io.ts'
import { openTeamOf } from '../shared/team.ts'
import { wordsOf } from '../shared/team-words.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io, options }: Request): Promise<CommandReport> {
  const port = await openTeamOf(await openWorkspace(io))
  try {
    const runs = (await port.runs()).filter(
      ({ state }) => options.all || state === 'queued' || state === 'owned',
    )
    const text = runs.map((one) => `${wordsOf(one)}, key ${one.key}`).join('\n')
    return { document: runs, text: text === '' ? 'There are no orders.' : printable(text) }
  } finally {
    await port.close()
  }
}
