import { hostname } from 'node:os'
import { diagnosisSteps } from '../../../alerts/serve/diagnosis.ts'
import { readStoredAlert, writeStoredAlert } from '../../../alerts/alert-store.ts'
import type { StoredAlert } from '../../../alerts/alert-store.ts'
import { alertName } from '../../../alerts/webhook.ts'
import type { Config } from '../../../config.ts'
import { makePlan } from '../../../engine/plan/make-plan.ts'
import { readInputs } from '../../../engine/plan/read-inputs.ts'
import { preflight } from '../../../engine/plan/preflight.ts'
import { startRun } from '../../../engine/runs.ts'
import type { Driver } from '../../../engine/run.ts'
import { findEntry, readEntry } from '../../../library.ts'
import { printable } from '../../../kit/io.ts'
import type { Io } from '../../../kit/io.ts'
import { signerFor, trustFor } from '../../shared/people/keys.ts'
import { version } from '../../../kit/version.ts'

/**
 * Runs the reading steps of the runbook an alert proposes, when that runbook asks for it, so that the responder finds
 * them done. Nothing that writes is ever among them, and nobody is there to let it be. Never throws.
 */
export async function diagnose(
  stored: StoredAlert,
  config: Config,
  io: Io,
  cancelled: AbortSignal,
): Promise<void> {
  try {
    const outcome = await diagnosis(stored, config, io, cancelled)
    if (!outcome) return
    const now = readStoredAlert(config.state, stored.fingerprint)
    if (now) writeStoredAlert(config.state, { ...now, diagnosis: outcome })
    if (io.json) io.out(JSON.stringify({ type: 'diagnosis', fingerprint: stored.fingerprint, ...outcome }))
    else
      io.note(
        `  diagnosis of ${printable(alertName(stored.alert))}: ${outcome.status}, runbook log ${outcome.run}`,
      )
  } catch (error) {
    io.note(`  its reading steps could not be run: ${printable((error as Error).message)}`)
  }
}

async function diagnosis(
  { proposal, alert, fingerprint }: StoredAlert,
  config: Config,
  io: Io,
  cancelled: AbortSignal,
): Promise<{ run: string; status: string } | undefined> {
  const entry = proposal && findEntry(config.content, proposal.slug, config.root)
  if (!entry || cancelled.aborted) return undefined
  const { runbook, bytes } = await readEntry(entry, io.cwd, config.kinds)
  if (runbook?.meta.diagnoseOnAlert !== true) return undefined
  const inputs = await readInputs(runbook, new Map(Object.entries(proposal.values)))
  const lacking = [
    ...inputs.problems.map(({ message }) => message),
    ...inputs.missing.map((name) => `\`${name}\` is missing`),
  ]
  if (lacking.length > 0) throw new Error(lacking.join('; '))
  const { plan, problems } = await makePlan(runbook, inputs, config.kinds)
  if (problems[0]) throw new Error(problems[0].message)
  const kinds = await config.kinds.load(plan.steps.map(({ kind }) => kind))
  const only = diagnosisSteps(plan, proposal.step, ({ kind }) => kinds.named(kind).guard === true)
  if (only.length === 0) return undefined
  const missing = (await preflight(plan, io.cwd, io.env)).filter(({ ok }) => !ok)
  if (missing[0]) throw new Error(`${missing[0].what}: ${missing[0].found}`)
  const name = alertName(alert).slice(0, 200)
  const start = {
    // The responder's own run must not find its key taken by this one.
    plan: { ...plan, concurrency: `diagnosis-${fingerprint}` },
    document: bytes,
    cwd: io.cwd,
    version,
    selection: { only, skip: [], reason: 'only reading steps run for an alert' },
    alert: { fingerprint, name, startsAt: alert.startsAt },
  }
  const { run, end } = await startRun(start, unattended(config, io, cancelled))
  return { run, status: end.type === 'ended' ? end.status : end.type }
}

/** Questions have no answer here: a step that asks anything stops the run. */
function unattended(config: Config, io: Io, cancelled: AbortSignal): Driver {
  const { RUNBOOK_ALERTS_SECRET: _secret, RUNBOOK_ALERTS_BASIC_AUTH: _basic, ...env } = io.env
  return {
    state: config.state,
    actor: { id: 'alerts-serve', host: hostname(), via: 'runner' },
    operator: { present: false, detach: true, ask: () => Promise.resolve(undefined) },
    secrets: {},
    cancel: { soft: cancelled, hard: new AbortController().signal },
    graceMs: 10_000,
    rollbackOnCancel: false,
    kinds: config.kinds,
    env,
    signer: signerFor(config, io),
    trust: trustFor(config),
    onEvent: () => undefined,
    onOutput: () => undefined,
  }
}
