import { join, resolve } from 'node:path'
import { attemptKey } from '../../journal/record/event.ts'
import { files, stateOf } from '../../journal/record/run-store.ts'
import type { ProcessOutcome } from '../../kinds/kind.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { Fence } from '../../model/runbook.ts'
import { traceParent } from '../../telemetry/span-ids.ts'
import type { Run } from '../run.ts'
import { stepEnvironment } from './environment.ts'
import { runScript } from './executor/attempt.ts'
import { machineOf } from './machine.ts'
import type { Boot } from './processes.ts'

/** How many interrupted checks of one step are looked through, whoever interrupted them. */
const mostChecks = 100

export interface ScriptCall {
  step: PlannedStep
  script: Fence
  /** Which script of the step, and which time. */
  label: string
  attempt: number
  outputs: Record<string, string>
  intent: Boot
  cwd?: string | undefined
  timeoutMs: number
  /** Whether the operator sees what it prints. */
  show: boolean
  tty?: boolean
  /** Ends what another runner left, and starts nothing. */
  haltOnly?: boolean
}

/** The prefix of the paths of a script's files. */
export function baseOf({ folder }: Run, step: PlannedStep, label: string): string {
  return join(folder, files.steps, `${step.id}.${label}`)
}

/** Runs one script of a step at most once, ever. Values reach it as environment variables. */
export function stepScript(run: Run, call: ScriptCall): Promise<ProcessOutcome> {
  const { step, label, haltOnly = false } = call
  const { cancel } = run
  return runScript({
    run,
    base: baseOf(run, step, label),
    attemptId: `${step.id}/${label}`,
    intent: call.intent,
    script: call.script,
    cwd: call.cwd === undefined ? run.cwd : resolve(run.cwd, call.cwd),
    env: environmentOf(run, call),
    timeoutMs: call.timeoutMs,
    secrets: run.hidden,
    cancel: haltOnly ? { soft: AbortSignal.abort(), hard: cancel.hard } : cancel,
    haltOnly,
    tty: call.tty === true,
    onOutput: (stream, bytes, skipped) => call.show && run.onOutput(step, stream, bytes, skipped),
  })
}

function environmentOf(run: Run, { step, label, attempt, outputs }: ScriptCall): Record<string, string> {
  const { plan, secrets } = run
  return {
    ...stepEnvironment(plan, run.env, { ...plan.inputs, ...secrets, ...outputs }),
    RUNBOOK_RUN_ID: run.id,
    RUNBOOK_STATE: stateOf(run.folder),
    TRACEPARENT: traceParent(run.id, spanOf(step.id, label, attempt)),
    RUNBOOK_SLUG: plan.slug,
    RUNBOOK_STEP_ID: step.id,
    RUNBOOK_ATTEMPT: String(attempt),
    RUNBOOK_ATTEMPT_ID: `${step.id}/${label}`,
    RUNBOOK_ACTOR: run.actor.id,
    ...(run.inTeam ? { RUNBOOK_EPOCH: String(run.inTeam.epoch) } : {}),
  }
}

/** The span that telemetry has for a script: that of its attempt or undo, or of the step for one that only checks. */
function spanOf(step: string, label: string, attempt: number): string {
  if (attempt === 0) return step
  return `${label.startsWith('undo') ? 'undo' : 'step'} ${attemptKey(step, attempt)}`
}

/** A check only reads, so one that a crash interrupted is simply made again, with files of its own. */
export async function checkScript(run: Run, call: Omit<ScriptCall, 'intent'>): Promise<ProcessOutcome> {
  for (let again = 1, alive = 0; ; again++) {
    const label = again === 1 ? call.label : `${call.label}.${again}`
    const outcome = await stepScript(run, { ...call, label, intent: machineOf(run.state) })
    const interrupted = outcome.status === 'unknown' || (outcome.adopted && outcome.status !== 'exit')
    if (!outcome.adopted) alive += 1
    if (!interrupted || alive > 2 || again > mostChecks) return outcome
  }
}
