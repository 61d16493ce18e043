import { abandonRun, abandonUnreadable } from '../../engine/abandon.ts'
import { readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import type { Request } from './index.ts'
import { makeDriver } from '../exec/driver.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { signerFor } from '../shared/people/keys.ts'
import { joinTeam } from '../shared/team/open-team.ts'
import { gatherSecrets } from '../shared/plan/gather-secrets.ts'
import { openTelemetry } from '../shared/telemetry.ts'
import { listenForSignals } from '../../kit/signals.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const id = findRun(config, args.run)
  const reason = options.reason ?? ''
  if (reason.trim() === '')
    throw new CliError(
      exit.usage,
      'Missing the reason for abandoning the run',
      'Add --reason "…"; it is recorded.',
    )
  const signals = listenForSignals(io)
  try {
    await using team = await joinTeam(config, io, dryRun || options.offline)
    const driver = await makeDriver(
      { config, io, options: {}, signals, signing: { signer: signerFor(config, io) }, team },
      { plan: emptyPlan, secrets: {} },
    )
    let stored: StoredRun
    try {
      stored = readRun(config.state, id)
    } catch (error) {
      if (dryRun) return wouldAbandon(id, io)
      abandonUnreadable(id, reason, driver, error)
      io.note(`abandoned ${id}; its journal cannot be read and is unchanged: ${(error as Error).message}`)
      return exit.done
    }
    const secrets = await gatherSecrets(stored.plan, options.input, io)
    if (dryRun) return wouldAbandon(id, io)
    const telemetry = openTelemetry(config, io)
    const onEvent: typeof driver.onEvent = (event, ...more) => {
      driver.onEvent(event, ...more)
      telemetry.note(event, stored.plan)
    }
    await abandonRun(id, reason, { ...driver, secrets, onEvent })
    await telemetry.finish()
    if (!io.json) io.note(`abandoned ${id}; the key \`${stored.plan.concurrency}\` is free`)
    return exit.done
  } finally {
    signals.remove()
  }
}

function wouldAbandon(id: string, io: Io): number {
  io.out(io.json ? JSON.stringify({ run: id, dryRun: true }) : `would abandon ${id}`)
  return exit.done
}

const emptyPlan = { steps: [] } as unknown as StoredRun['plan']
