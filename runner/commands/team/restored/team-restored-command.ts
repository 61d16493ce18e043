import type { CommandReport } from '../../../kit/command.ts'
import { openTeamOf } from '../../shared/team/open-team.ts'
import { openWorkspace } from '../../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io, options, dryRun }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const port = await openTeamOf(config)
  try {
    if (dryRun) return { document: { would: true }, text: 'would let the runners go on' }
    const accepted = await port.acceptRestore(options.reason)
    return {
      document: { accepted },
      text: accepted ? 'The runners go on.' : 'No runner waits: none has noticed a restore.',
    }
  } finally {
    await port.close()
  }
}
