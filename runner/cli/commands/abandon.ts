import { abandonRun, abandonUnreadable } from '../../engine/abandon.ts'
import { readRun } from '../../journal/store.ts'
import type { StoredRun } from '../../journal/store.ts'
import type { Call } from '../command.ts'
import { text, texts } from '../command.ts'
import { sessionOptions } from '../drive.ts'
import { CliError } from '../error.ts'
import { exit } from '../exit.ts'
import { secretsAgain } from '../inputs.ts'
import { signerFor } from '../keys.ts'
import { listenForSignals } from '../signals.ts'
import { findRun, openWorkspace } from '../workspace.ts'

export async function run({ io, positionals, options }: Call): Promise<number> {
  const config = await openWorkspace(io)
  const id = findRun(config, positionals[0] ?? '')
  const reason = text(options, 'reason') ?? ''
  if (reason.trim() === '')
    throw new CliError(exit.usage, 'A run is abandoned for a reason', 'Add --reason "…"; it is recorded.')
  const signals = listenForSignals(io)
  try {
    const session = await sessionOptions(config, emptyPlan, {}, io, options, signals, {
      signer: signerFor(config, io),
    })
    let stored: StoredRun
    try {
      stored = readRun(config.state, id)
    } catch (error) {
      abandonUnreadable(id, reason, session, error)
      io.note(
        `abandoned ${id}; its journal cannot be read and was left as it is: ${(error as Error).message}`,
      )
      return exit.done
    }
    const secrets = secretsAgain(stored.plan, texts(options, 'input'), io)
    await abandonRun(id, reason, { ...session, secrets })
    if (!io.json) io.note(`abandoned ${id}; the key \`${stored.plan.concurrency}\` is free`)
    return exit.done
  } finally {
    signals.remove()
  }
}

const emptyPlan = { steps: [] } as unknown as StoredRun['plan']
