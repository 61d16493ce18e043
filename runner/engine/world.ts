import { readFile } from 'node:fs/promises'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { attemptKey } from '../journal/event.ts'
import { files } from '../journal/store.ts'
import { kindNamed } from '../kinds/index.ts'
import { result } from '../kinds/kind.ts'
import type { OutputFile, ProcessOutcome, ProcessRequest, StepContext } from '../kinds/kind.ts'
import { processResult } from '../kinds/process-result.ts'
import { parseDuration } from '../model/duration.ts'
import type { JsonObject } from '../model/json.ts'
import type { Plan, PlannedStep } from '../model/plan.ts'
import { isScript } from '../model/languages.ts'
import type { Fence } from '../model/runbook.ts'
import type { DurableRun } from './loop/durable.ts'
import { systemClock } from './loop/clock.ts'
import { attemptFile } from './process/shim/protocol.ts'
import { stepEnvironment } from './process/environment.ts'
import type { CancelSignals } from './process/executor/adopt.ts'
import { runScript } from './process/executor/attempt.ts'
import type { Shim } from './process/executor/shim-client.ts'
import type { Terminal } from './process/executor/terminal.ts'
import { includeRun } from './loop/include.ts'
import type { IncludePort } from './loop/include.ts'
import { sendRequest } from './process/http.ts'
import { recordFact } from './loop/facts.ts'
import { fits, fitting, outputWithNul } from './loop/fitting.ts'
import { readParams } from '../model/params.ts'
import { here } from './process/processes.ts'
import type { Boot } from './process/processes.ts'
import { proxyPasswords } from './process/proxy.ts'
import { excerpt, redactValue } from './process/redact.ts'
import {
  missingOutputs,
  resolveAttributes,
  resolveFence,
  resolveWords,
  settled,
  settledWords,
} from './plan/resolve.ts'
import type { AttemptOf, EffectCheck, Work } from './loop/work.ts'

/** Longest time a `done` fence may take, in milliseconds. */
const checkTimeoutMs = 30_000
/** How many interrupted checks of one step are looked through, whoever interrupted them. */
const mostChecks = 100
/** Left before a request that writes is sent. */
const sentFile = 'sent'

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
  cancel: CancelSignals
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  graceMs: number
  shim: () => Shim
  /** Where the operator sits; undefined when nobody is there. */
  terminal: Terminal | undefined
  include: IncludePort | undefined
  onOutput: (step: PlannedStep, stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number) => void
}

interface ScriptCall {
  step: PlannedStep
  script: Fence
  /** Which script of the step, and which time. */
  label: string
  attempt: number
  outputs: Record<string, string>
  intent: Boot
  cwd?: string | undefined
  timeoutMs: number
  show: boolean
  tty?: boolean
  haltOnly?: boolean
}

/** The only implementation of Work that touches the world. */
export function world(options: WorldOptions): Work {
  const { plan, run, folder, secrets, graceMs } = options
  const runFields: JsonObject = { id: run.id, slug: plan.slug, actor: options.actor }
  const valuesFor = (outputs: Record<string, string>) => ({
    inputs: { ...plan.inputs, ...secrets },
    outputs,
    run: runFields,
  })
  const secretValues = [...Object.values(secrets), ...proxyPasswords(options.outer)]
  const baseOf = (step: PlannedStep, label: string): string =>
    join(folder, files.steps, `${step.id}.${label}`)

  function script(call: ScriptCall): Promise<ProcessOutcome> {
    const { step, label, attempt, intent } = call
    const attemptId = `${step.id}/${label}`
    const values = { ...plan.inputs, ...secrets, ...call.outputs }
    const names = {
      RUNBOOK_RUN_ID: run.id,
      RUNBOOK_SLUG: plan.slug,
      RUNBOOK_STEP_ID: step.id,
      RUNBOOK_ATTEMPT: String(attempt),
      RUNBOOK_ATTEMPT_ID: attemptId,
      RUNBOOK_ACTOR: options.actor,
    }
    const halted = AbortSignal.abort()
    return runScript(
      {
        runFolder: folder,
        base: baseOf(step, label),
        run: run.id,
        attemptId,
        intent,
        script: call.script,
        cwd: call.cwd === undefined ? options.cwd : resolve(options.cwd, call.cwd),
        env: { ...stepEnvironment(plan, options.outer, values), ...names },
        timeoutMs: call.timeoutMs,
        graceMs,
        secrets: secretValues,
        cancel: call.haltOnly ? { soft: halted, hard: options.cancel.hard } : options.cancel,
        haltOnly: call.haltOnly === true,
        tty: call.tty === true,
        terminal: options.terminal,
        onOutput: (stream, bytes, skipped) => call.show && options.onOutput(step, stream, bytes, skipped),
      },
      options.shim,
    )
  }

  /** A check only reads, so one that a crash interrupted is simply made again, with files of its own. */
  async function checkScript(call: Omit<ScriptCall, 'intent'>): Promise<ProcessOutcome> {
    for (let again = 1, alive = 0; ; again++) {
      const label = again === 1 ? call.label : `${call.label}.${again}`
      const outcome = await script({ ...call, label, intent: here() })
      const interrupted = outcome.status === 'unknown' || (outcome.adopted && outcome.status !== 'exit')
      if (!outcome.adopted) alive += 1
      if (!interrupted || alive > 2 || again > mostChecks) return outcome
    }
  }

  function context({ step, attempt, outputs, intent }: AttemptOf): StepContext {
    return {
      step,
      attempt,
      signal: run.cancelled,
      present: run.present,
      stretch: run.resumedAt,
      clock: systemClock(run.cancelled),
      record: (type, key, make) => recordFact(run, type, `${attemptKey(step.id, attempt)}/${key}`, make),
      process: (request: ProcessRequest) =>
        script({
          step,
          attempt,
          outputs,
          intent,
          label: request.part === undefined ? String(attempt) : `${attempt}.${request.part}`,
          show: true,
          ...request,
        }),
      printed: ({ files: kept }, stream) => printedIn(folder, kept, stream),
      async http(request) {
        if (step.effect !== 'write') return sendRequest(request, undefined, run.cancelled)
        if (intent.boot !== here().boot)
          return { unknown: 'the request may have been sent before the machine was changed or restarted' }
        const sent = attemptFile(baseOf(step, String(attempt)), sentFile)
        mkdirSync(dirname(sent), { recursive: true, mode: 0o700 })
        return sendRequest(request, sent, run.cancelled)
      },
      excerpt: (text, most) => excerpt(text, most, secretValues),
      include: (request) => includeRun(run, step.id, options.include, request),
      ask: async (topic, question) => (await run.wait(topic, question, askingLimit(step))).value,
      recordedNow: async (key) =>
        (await run.record('moment-recorded', `${step.id}/${key}`, () => ({ at: run.now() }))).value.at,
      sleepUntil: (key, at) => run.sleepUntil(at, `${step.id}/${key}`),
      values: () => valuesFor(outputs),
    }
  }

  return {
    prepare(step, outputs) {
      const values = valuesFor(outputs)
      const kind = kindNamed(step.kind)
      const words = resolveWords(step, { inputs: plan.inputs, outputs, run: runFields })
      const resolved = {
        attributes: resolveAttributes(step.attributes, values, kind.expressions),
        fences: step.fences.map((fence) => resolveFence(fence, values)),
      }
      const missing = missingOutputs(resolved)
      if (missing.length > 0) return { problem: `cannot run: ${withoutValue(plan, missing)}` }
      const ready = settled({ ...step, ...settledWords(words), ...resolved })
      const read = readParams(kind, ready.attributes)
      if ('problems' in read) {
        const first = read.problems[0]
        return { problem: `cannot run: attribute \`${first?.attribute}\`: ${first?.message}` }
      }
      return { step: ready, params: read }
    },
    async when(step, outputs) {
      const expression = step.attributes['when']
      if (typeof expression !== 'string') return true
      const { celNames, evaluateCondition } = await import('../model/cel.ts')
      try {
        return evaluateCondition(expression, valuesFor(outputs))
      } catch (error) {
        const missing = celNames(expression)
          .read.filter(({ scope, name }) => scope === 'outputs' && !(name in outputs))
          .map(({ name }) => name)
        const why = missing.length > 0 ? withoutValue(plan, missing) : (error as Error).message.split('\n')[0]
        return { problem: `cannot run: \`when\` cannot be evaluated: ${why}` }
      }
    },
    here,
    async attempt(of, { params }) {
      const ended = await kindNamed(of.step.kind).run(params, context(of))
      return fitting(redactValue(ended, secretValues))
    },
    async halt({ step, attempt, outputs, intent }) {
      const sent = attemptFile(baseOf(step, String(attempt)), sentFile)
      if (existsSync(sent)) return result('unknown', 'may have sent its request')
      const main = step.fences.find((fence) => fence.role === 'main' && isScript(fence))
      if (!main) return result('not-started', 'had no effect yet')
      const timeoutMs = timeoutOf(step)
      const tty = step.attributes['tty'] === true
      const call = { step, script: main, label: String(attempt), attempt, outputs, intent, timeoutMs, tty }
      return redactValue(processResult(await script({ ...call, show: true, haltOnly: true })), secretValues)
    },
    async check(step, label, outputs) {
      const done = step.fences.find((fence) => fence.role === 'done')
      if (!done) return { holds: 'cannot-tell', message: 'there is no `done` fence', outputs: {} }
      const call = { step, script: done, label: `done-${label}`, attempt: 0, outputs, show: false }
      const outcome = await checkScript({ ...call, timeoutMs: checkTimeoutMs, cwd: cwdOf(step) })
      return redactValue(effectOf(outcome), secretValues)
    },
    async undo({ step, attempt, outputs, intent }) {
      const undo = step.fences.find((fence) => fence.role === 'undo')
      if (!undo) return result('passed', 'has nothing to undo')
      const call = { step, script: undo, label: `undo-${attempt}`, attempt, outputs, intent, show: true }
      const outcome = await script({ ...call, timeoutMs: timeoutOf(step), cwd: cwdOf(step) })
      return redactValue(processResult({ ...outcome, outputs: {} }), secretValues)
    },
  }
}

/** Why outputs have no value: the steps that produce them did not. */
function withoutValue({ steps }: Plan, names: readonly string[]): string {
  return names
    .map((name) => {
      const source = steps.find(({ outputs }) => outputs.includes(name))
      return `\`outputs.${name}\` has no value, because step \`${source?.id ?? name}\` did not produce it`
    })
    .join('; ')
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
  if (!fits(outcome))
    return {
      holds: 'cannot-tell',
      message: 'the outputs of the `done` fence are too large to be recorded',
      outputs: {},
    }
  const broken = outputWithNul(outcome.outputs)
  if (broken !== undefined)
    return {
      holds: 'cannot-tell',
      message: `the output \`${broken}\` of the \`done\` fence contains a NUL character`,
      outputs: {},
      files: outcome.files,
    }
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

/** A question waits as long as it takes, unless the step says otherwise. */
function askingLimit({ attributes }: PlannedStep): number | undefined {
  const { timeout } = attributes
  return typeof timeout === 'string' ? parseDuration(timeout) : undefined
}

/** Longest output an expression sees, in bytes; the rest is in the file. */
const maxPrinted = 1_048_576

async function printedIn(
  folder: string,
  kept: readonly OutputFile[],
  stream: OutputFile['stream'],
): Promise<string> {
  const found = kept.find((one) => one.stream === stream)
  if (!found) return ''
  const bytes = await readFile(join(folder, found.file))
  return bytes.subarray(0, maxPrinted).toString('utf8')
}
