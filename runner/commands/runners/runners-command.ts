import type { CommandReport } from '../../kit/command.ts'
import { printable } from '../../kit/io.ts'
import { counted } from '../../model/counted.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io }: Request): Promise<CommandReport> {
  const port = await openTeamOf(await openWorkspace(io))
  try {
    const runners = await port.runners()
    const text = runners
      .map(({ name, host, commit, alive, seenAt, owns }) => {
        const life = alive ? 'alive' : `not seen since ${seenAt.toISOString?.() ?? 'its end'}`
        return `${name}  ${life}  on ${host}  ${commit.slice(0, 12)}  ${counted(owns, 'run')}`
      })
      .join('\n')
    return { document: runners, text: text === '' ? 'There are no runners yet.' : printable(text) }
  } finally {
    await port.close()
  }
}
