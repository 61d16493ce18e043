import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { attemptKey } from '../journal/event.ts'
import { files } from '../journal/store.ts'
import { kindNamed } from '../kinds/index.ts'
import { result } from '../kinds/kind.ts'
import type { ProcessOutcome, ProcessRequest, Result, StepContext } from '../kinds/kind.ts'
import { processResult } from '../kinds/process-result.ts'
import { evaluateCel } from '../model/cel.ts'
import type { JsonObject } from '../model/json.ts'
import type { Plan, PlannedStep } from '../model/plan.ts'
import type { Fence } from '../model/runbook.ts'
import type { DurableRun } from './durable.ts'
import { systemClock } from './clock.ts'
import { stepEnvironment } from './environment.ts'
import { runScript } from './executor/attempt.ts'
import type { Shim } from './executor/shim-client.ts'
import { sendRequest } from './http.ts'
import { recordFact } from './facts.ts'
import { readParams } from './plan.ts'
import type { StepParams } from './plan.ts'
import { redactText } from './redact.ts'
import { resolveAttributes, resolveFence } from './resolve.ts'
import type { EffectCheck, Work } from './work.ts'

/** Longest time a `done` fence may take, in milliseconds. */
const checkTimeoutMs = 30_000
/** Time between SIGTERM and SIGKILL, in milliseconds. */
const graceMs = 10_000

export interface WorldOptions {
  plan: Plan
  run: DurableRun
  folder: string
  /** Working directory the run was started in. */
  cwd: string
  /** Values of secret inputs by name. */
  secrets: Record<string, string>
  /** The environment of the runner itself. */
  outer: Record<string, string | undefined>
  actor: string
  shim: () => Shim
  onOutput: (step: PlannedStep, stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number) => void
}

interface ScriptCall {
  step: PlannedStep
  script: Fence
  /** The folder's name below the step's own. */
  label: string
  attempt: number
  outputs: Record<string, string>
  cwd?: string | undefined
  timeoutMs: number
  show: boolean
}

/** The only implementation of Work that touches the world. */
export function world(options: WorldOptions): Work {
  const { plan, run, folder, secrets } = options
  const runFields: JsonObject = { id: run.id, slug: plan.slug, actor: options.actor }
  const valuesFor = (outputs: Record<string, string>) => ({
    inputs: { ...plan.inputs, ...secrets },
    outputs,
    run: runFields,
  })
  const secretValues = Object.values(secrets)

  function script(call: ScriptCall): Promise<ProcessOutcome> {
    const { step, label, attempt } = call
    const values = { ...plan.inputs, ...secrets, ...call.outputs }
    const names = {
      RUNBOOK_RUN_ID: run.id,
      RUNBOOK_SLUG: plan.slug,
      RUNBOOK_STEP_ID: step.id,
      RUNBOOK_ATTEMPT: String(attempt),
    }
    return runScript(
      {
        runFolder: folder,
        folder: join(folder, files.steps, step.id, label),
        script: call.script,
        cwd: call.cwd === undefined ? options.cwd : resolve(options.cwd, call.cwd),
        env: { ...stepEnvironment(plan, options.outer, values), ...names },
        timeoutMs: call.timeoutMs,
        graceMs,
        secrets: secretValues,
        signal: run.cancelled,
        onOutput: (stream, bytes, skipped) => call.show && options.onOutput(step, stream, bytes, skipped),
      },
      options.shim,
    )
  }

  function context(step: PlannedStep, attempt: number, outputs: Record<string, string>): StepContext {
    return {
      step,
      attempt,
      signal: run.cancelled,
      present: run.present,
      stretch: run.resumedAt,
      clock: systemClock(run.cancelled, () => run.now()),
      record: (type, key, make) => recordFact(run, type, `${attemptKey(step.id, attempt)}/${key}`, make),
      process: (request: ProcessRequest) =>
        script({ step, attempt, outputs, label: String(attempt), show: true, ...request }),
      http(request) {
        if (step.effect !== 'write') return sendRequest(request, undefined, run.cancelled)
        const attemptFolder = join(folder, files.steps, step.id, String(attempt))
        mkdirSync(attemptFolder, { recursive: true, mode: 0o700 })
        return sendRequest(request, join(attemptFolder, 'claim'), run.cancelled)
      },
      ask: async (topic, question) => (await run.wait(topic, question)).value,
      recordedNow: async (key) =>
        (await run.record('moment-recorded', `${step.id}/${key}`, () => ({ at: run.now() }))).value.at,
      sleepUntil: (_, at) => run.sleepUntil(at),
      values: () => valuesFor(outputs),
    }
  }

  return {
    prepare(step, outputs) {
      const values = valuesFor(outputs)
      const attributes = resolveAttributes(step.attributes, values)
      const read = readParams(kindNamed(step.kind), attributes)
      if ('problems' in read) {
        const first = read.problems[0]
        return { problem: `cannot run: attribute \`${first?.attribute}\`: ${first?.message}` }
      }
      return {
        step: { ...step, attributes, fences: step.fences.map((fence) => resolveFence(fence, values)) },
        params: read,
      }
    },
    when(step, outputs) {
      const expression = step.attributes['when']
      if (typeof expression !== 'string') return true
      try {
        return evaluateCel(expression, valuesFor(outputs)) === true
      } catch (error) {
        return { problem: `cannot run: \`when\` has no value: ${(error as Error).message.split('\n')[0]}` }
      }
    },
    async attempt(step, params: StepParams, attempt, outputs) {
      const ended = await kindNamed(step.kind).run(params.params, context(step, attempt, outputs))
      return redactResult(ended, secretValues)
    },
    async check(step, label, outputs) {
      const done = step.fences.find((fence) => fence.role === 'done')
      if (!done) return { holds: 'cannot-tell', message: 'there is no `done` fence', outputs: {} }
      const call = {
        step,
        script: done,
        label: `done-${label}`,
        attempt: 0,
        outputs,
        timeoutMs: checkTimeoutMs,
        show: false,
      }
      return effectOf(await script({ ...call, cwd: cwdOf(step) }))
    },
    async undo(step, attempt, outputs) {
      const undo = step.fences.find((fence) => fence.role === 'undo')
      if (!undo) return result('passed', 'has nothing to undo')
      const timeoutMs = timeoutOf(step)
      const call = {
        step,
        script: undo,
        label: `undo-${attempt}`,
        attempt,
        outputs,
        timeoutMs,
        show: true,
        cwd: cwdOf(step),
      }
      return redactResult(processResult(await script(call)), secretValues)
    },
  }
}

function cwdOf(step: PlannedStep): string | undefined {
  const { cwd } = step.attributes
  return typeof cwd === 'string' ? cwd : undefined
}

function timeoutOf(step: PlannedStep): number {
  const read = readParams(kindNamed(step.kind), step.attributes)
  return 'params' in read ? read.common.timeout : checkTimeoutMs
}

/** Exit 0: holds. Exit 1: does not. Anything else: nobody can tell. */
function effectOf(outcome: ProcessOutcome): EffectCheck {
  if (outcome.status === 'exit' && outcome.code === 0)
    return {
      holds: 'yes',
      message: 'the `done` fence exited with 0',
      outputs: outcome.outputs,
      files: outcome.files,
    }
  if (outcome.status === 'exit' && outcome.code === 1)
    return { holds: 'no', message: 'the `done` fence exited with 1', outputs: {}, files: outcome.files }
  return {
    holds: 'cannot-tell',
    message: `the \`done\` fence ${processResult(outcome).message}`,
    outputs: {},
    files: outcome.files,
  }
}

/** Whatever a kind keeps goes through here before it is recorded. */
function redactResult(ended: Result, secrets: readonly string[]): Result {
  return secrets.length === 0 ? ended : (JSON.parse(redactText(JSON.stringify(ended), secrets)) as Result)
}
