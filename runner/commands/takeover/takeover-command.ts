import type { CommandReport } from '../../kit/command.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { makeTakeover, signTakeover } from '../../team/order.ts'
import { identify } from '../shared/people/identify.ts'
import { provenKey } from '../shared/people/keys.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io, args, options, dryRun }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const { force, to: runner, reason = '' } = options
  if (reason.trim() === '')
    throw new CliError(
      exit.usage,
      'Missing the reason for taking the run over',
      'Add --reason "…"; it is recorded.',
    )
  const port = await openTeamOf(config)
  try {
    const [row] = await port.runs({ run: args.run })
    if (row === undefined)
      throw new CliError(exit.usage, `The team has no run \`${args.run}\``, 'See `runbook orders`.')
    const { actor: by } = await identify(config, io, 'takeover')
    const takeover = makeTakeover(row, { runner, force, reason, by })
    const { run: id, was } = takeover
    if (dryRun)
      return {
        document: { ...takeover, dryRun },
        text: `would take ${id} over from ${was} to ${runner} as ${by.id}`,
      }
    const { signer } = provenKey(config, io)
    const act = signTakeover(takeover, signer)
    if (act.signature === '')
      throw new CliError(
        exit.usage,
        'The takeover is not signed, so no runner would believe it; nothing was changed',
        'Name your key with RUNBOOK_SIGNING_KEY, or in git: user.signingkey with gpg.format ssh.',
      )
    const now = await port.takeOver(takeover, act)
    return {
      document: { run: id, was, runner, epoch: now },
      text: `${id} goes on at ${runner}, epoch ${now}. A step that was under way on ${was} is unknown: look at its target.`,
    }
  } finally {
    await port.close()
  }
}
