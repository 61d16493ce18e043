import { existsSync } from 'node:fs'
import { result } from '../../kinds/kind.ts'
import type { Result } from '../../kinds/kind.ts'
import { processResult } from '../../kinds/process-result.ts'
import { isScript } from '../../model/steps/languages.ts'
import { readParams } from '../../model/steps/step-params.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { machineOf } from '../process/machine.ts'
import { redactValue } from '../process/redact/redact.ts'
import { checkScript, stepScript } from '../process/script.ts'
import type { Run } from '../run.ts'
import { sentFile, stepContext } from './context.ts'
import type { DurableRun } from './durable.ts'
import { cannotTell, effectOf } from './effect-of.ts'
import { fitting } from './fit-result.ts'
import { prepareStep, whenHolds } from './prepare.ts'
import type { AttemptOf, EffectCheck, Work } from './work.ts'

/** Longest time a `done` fence may take, in milliseconds. */
const checkTimeoutMs = 30_000

/** The only implementation of Work that touches the world. Its output is redacted before it is shown. */
export function workInWorld(run: Run, durable: DurableRun): Work {
  const hidden = run.hidden
  return {
    here: () => machineOf(run.state),
    prepare: (step, outputs) => prepareStep(run, step, outputs),
    when: (step, outputs) => whenHolds(run, step, outputs),
    async attempt(of, { params }) {
      await run.inTeam?.permit()
      const ended = await run.kindNamed(of.step.kind).run(params, stepContext(run, durable, of))
      return fitting(redactValue(ended, hidden))
    },
    halt: async (of) => redactValue(await halt(run, of), hidden),
    check: async (step, label, outputs) => redactValue(await check(run, step, label, outputs), hidden),
    async undo(of) {
      await run.inTeam?.permit()
      return redactValue(await undo(run, of), hidden)
    },
  }
}

async function halt(run: Run, { step, attempt, outputs, intent }: AttemptOf): Promise<Result> {
  if (existsSync(sentFile(run, step, attempt))) return result('unknown', 'may have sent its request')
  const main = step.fences.find((fence) => fence.role === 'main' && isScript(fence))
  if (!main) return result('not-started', 'had no effect yet')
  const tty = step.attributes['tty'] === true
  const call = { step, script: main, label: String(attempt), attempt, outputs, intent, tty, show: true }
  return processResult(await stepScript(run, { ...call, timeoutMs: timeoutOf(run, step), haltOnly: true }))
}

async function check(
  run: Run,
  step: PlannedStep,
  label: string,
  outputs: Record<string, string>,
): Promise<EffectCheck> {
  const done = step.fences.find((fence) => fence.role === 'done')
  if (!done) return cannotTell('there is no `done` fence')
  const call = { step, script: done, label: `done-${label}`, attempt: 0, outputs, show: false }
  return effectOf(await checkScript(run, { ...call, timeoutMs: checkTimeoutMs, cwd: cwdOf(step) }))
}

async function undo(run: Run, { step, attempt, outputs, intent }: AttemptOf): Promise<Result> {
  const script = step.fences.find((fence) => fence.role === 'undo')
  if (!script) return result('passed', 'has nothing to undo')
  const call = { step, script, label: `undo-${attempt}`, attempt, outputs, intent, show: true }
  const outcome = await stepScript(run, { ...call, timeoutMs: timeoutOf(run, step), cwd: cwdOf(step) })
  return processResult({ ...outcome, outputs: {} })
}

function cwdOf(step: PlannedStep): string | undefined {
  const { cwd } = step.attributes
  return typeof cwd === 'string' ? cwd : undefined
}

function timeoutOf({ kindNamed }: Run, step: PlannedStep): number {
  const read = readParams(kindNamed(step.kind), step.attributes)
  return 'params' in read ? read.common.timeout : checkTimeoutMs
}
