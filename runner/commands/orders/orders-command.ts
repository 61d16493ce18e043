import type { CommandReport } from '../../kit/command.ts'
import { printable } from '../../kit/io.ts'
import { readStored } from '../../team/fleet/believe.ts'
import {
  findFleet,
  fleetDocument,
  fleetLine,
  fleetLines,
  fleetSummary,
  judgeOf,
} from '../shared/team/fleets.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { wordsOf } from '../shared/team/team-words.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io, args, options }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const port = await openTeamOf(config)
  try {
    const judge = await judgeOf(config, io)
    if (args.id !== undefined) {
      const [one] = await port.runs({ run: args.id })
      if (one) return { document: one, text: printable(`${wordsOf(one)}, key ${one.key}`) }
      const read = await findFleet(port, args.id, judge)
      return { document: fleetDocument(read), text: fleetLines(read).map(printable).join('\n') }
    }
    const fleets = (await port.fleets({ open: !options.all })).flatMap((one) => readStored(one, judge) ?? [])
    const runs = (await port.runs({ alone: true })).filter(
      ({ state }) => options.all || state === 'queued' || state === 'owned',
    )
    const lines = [...fleets.map(fleetLine), ...runs.map((one) => `${wordsOf(one)}, key ${one.key}`)]
    return {
      document: [...fleets.map(fleetSummary), ...runs],
      text: lines.length === 0 ? 'There are no orders.' : lines.map(printable).join('\n'),
    }
  } finally {
    await port.close()
  }
}
