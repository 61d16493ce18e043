import { staySmall } from '../../engine/memory.ts'
import { resumeRun } from '../../engine/runs.ts'
import { readRun } from '../../journal/store.ts'
import type { StoredRun } from '../../journal/store.ts'
import type { Call } from '../command.ts'
import { texts } from '../command.ts'
import { confirmDocument } from '../changed.ts'
import { driveSession } from '../drive.ts'
import { CliError } from '../error.ts'
import { exit } from '../exit.ts'
import { parseInputFlags } from '../inputs.ts'
import type { Io } from '../io.ts'
import { readSelection } from '../selected.ts'
import { findRun, openWorkspace } from '../workspace.ts'
import { requireAll } from '../require.ts'

export async function run({ io, positionals, options }: Call): Promise<number> {
  staySmall()
  const config = await openWorkspace(io)
  const id = findRun(config, positionals[0] ?? '')
  const stored = readRun(config.state, id)
  if (
    stored.state.endedAt !== undefined &&
    !['failed', 'stopped', 'rollback-failed'].includes(stored.state.status)
  ) {
    throw new CliError(
      exit.usage,
      `The run ${id} has ended: ${stored.state.status}`,
      `Start another with \`runbook exec ${stored.plan.slug}\`.`,
    )
  }
  const note = confirmDocument(stored, options['frozen-plan'] === true, io)
  const selection = readSelection(options)
  const secrets = secretsAgain(stored, texts(options, 'input'), io)
  await requireAll(stored.plan, io)
  if (!io.json) io.note(`${io.style('bold', stored.plan.title)}  ${io.style('dim', `resuming ${id}`)}`)
  return driveSession(config, stored.plan, secrets, io, options, (session) =>
    resumeRun(id, session, { selection, note }),
  )
}

/** Secrets are kept nowhere, so they must be given again. */
export function secretsAgain({ plan }: StoredRun, flags: readonly string[], io: Io): Record<string, string> {
  const given = parseInputFlags(flags, io)
  const entries = plan.secrets.map((name): [string, string | undefined] => [
    name,
    given.get(name) ?? io.env[`RUNBOOK_INPUT_${name.toUpperCase()}`],
  ])
  const missing = entries.filter(([, value]) => value === undefined).map(([name]) => name)
  if (missing.length > 0) {
    throw new CliError(
      exit.usage,
      `The secret${missing.length > 1 ? 's' : ''} ${missing.join(', ')} must be given again: secrets are never stored`,
      `Add ${missing.map((name) => `-i ${name}=@file`).join(' ')}.`,
    )
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}
