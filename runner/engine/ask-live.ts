import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { scratchFolder } from '../scratch-folder.ts'
import type { LoadedKinds } from '../kinds/index.ts'
import type { ProcessOutcome, ProcessRequest } from '../kinds/kind.ts'
import { language } from '../model/steps/languages.ts'
import type { Plan, PlannedStep } from '../model/plan.ts'
import { systemClock } from './loop/clock.ts'
import { contextOver } from './loop/context.ts'
import { Suspended } from './loop/durable.ts'
import type { DurableRun } from './loop/durable.ts'
import { prepareStep, whenHolds } from './loop/prepare.ts'
import { stepEnvironment } from './process/environment.ts'
import { parseOutputs } from './process/executor/outputs.ts'
import { readOutputFile } from './process/shim/output-file.ts'
import { here } from './process/processes.ts'
import { redactText } from './process/redact/redact.ts'
import { sendRequest } from './process/send-request.ts'
import { hiddenValues } from './run.ts'
import type { Resolving } from './run.ts'

/** How one step answers today. `not-asked`: it writes, waits, asks a person, or needs a value that nobody has. */
export interface LiveAnswer {
  step: PlannedStep
  status: 'passed' | 'failed' | 'not-asked'
  message: string
}

export interface LiveOptions {
  plan: Plan
  kinds: LoadedKinds
  secrets: Record<string, string>
  cwd: string
  env: Record<string, string | undefined>
}

/** Kinds whose steps read and end soon. */
const asked = new Set(['check', 'http', 'command'])

/** Asks every step that only reads, once and in order, without a run: nothing is recorded and no step that writes runs. */
export async function askLive(options: LiveOptions): Promise<LiveAnswer[]> {
  const { plan, kinds, secrets } = options
  const actor = { id: 'live', host: here().host, via: 'runner' }
  const run: Resolving = { id: 'live', plan, actor, secrets, kindNamed: kinds.named }
  const outputs: Record<string, string> = {}
  const answers: LiveAnswer[] = []
  for (const step of plan.steps) {
    const answer = await askStep(step, run, outputs, options)
    answers.push({ step, ...answer })
  }
  return answers
}

async function askStep(
  planned: PlannedStep,
  run: Resolving,
  outputs: Record<string, string>,
  options: LiveOptions,
): Promise<Omit<LiveAnswer, 'step'>> {
  const notAsked = (message: string): Omit<LiveAnswer, 'step'> => ({ status: 'not-asked', message })
  if (planned.effect !== 'read' || !asked.has(planned.kind)) return notAsked(`is a ${planned.kind} step`)
  if (planned.attributes['confirm'] !== undefined) return notAsked('asks a person for a word')
  const wanted = await whenHolds(run, planned, outputs)
  if (!wanted.ok) return notAsked(wanted.problem.message)
  if (!wanted.value) return notAsked('its `when` is false')
  const { until: _, ...attributes } = planned.attributes
  const prepared = prepareStep(run, { ...planned, attributes }, outputs)
  if (!prepared.ok) return notAsked(prepared.problem.message)
  const { step, params } = prepared.value
  const of = { step, attempt: 1, outputs, intent: here() }
  const { env, secrets } = options
  const printed = new Map<ProcessOutcome, string>()
  const hidden = hiddenValues({ secrets, env, plan: options.plan })
  const signal = new AbortController().signal
  const context = contextOver(run, ephemeral(signal), of, {
    clock: systemClock(signal),
    async process(request) {
      const { outcome, stdout } = await runScript(request, outputs, options)
      printed.set(outcome, stdout)
      return outcome
    },
    printed: async (outcome) => printed.get(outcome) ?? '',
    http: (request) => sendRequest(request, undefined, signal),
    excerpt: (text, most) => redactText(text, hidden).slice(0, most),
    include: async () => ({ run: '', status: 'failed', message: 'is not asked', outputs: {} }),
  })
  try {
    const ended = await run.kindNamed(step.kind).run(params.params, context)
    Object.assign(outputs, ended.outputs)
    const status = ended.status === 'passed' ? 'passed' : 'failed'
    return { status, message: redactText(ended.message, hidden) }
  } catch (error) {
    if (error instanceof Suspended) return notAsked('asks a person')
    throw error
  }
}

/** Nothing is durable here: a value is made and used. */
function ephemeral(cancelled: AbortSignal): DurableRun {
  return {
    id: 'live',
    cancelled,
    present: false,
    resumedAt: 0,
    now: Date.now,
    random: Math.random,
    peek: () => undefined,
    record: async (_type, _key, make) => ({ value: await make(), first: true, seq: 0 }),
    wait: (topic, question) => Promise.reject(new Suspended(topic, question)),
    sleepUntil: (at, topic = '') => Promise.reject(new Suspended(topic, { type: 'moment', until: at })),
  }
}

async function runScript(
  { script, cwd, timeoutMs }: ProcessRequest,
  outputs: Record<string, string>,
  options: LiveOptions,
): Promise<{ outcome: ProcessOutcome; stdout: string }> {
  const { plan, secrets, env } = options
  using scratch = scratchFolder('live')
  const folder = scratch.path
  const file = join(folder, 'output')
  const [program = 'bash', ...flags] = language(script.lang)?.command ?? []
  const code = { node: '-e', pwsh: '-Command' }[program] ?? '-c'
  const ran = await execa(program, [...flags, code, script.code], {
    cwd: resolve(options.cwd, cwd ?? '.'),
    env: {
      ...stepEnvironment(plan, env, { ...plan.inputs, ...secrets, ...outputs }),
      RUNBOOK_OUTPUT: file,
      RUNBOOK_RUN_ID: 'live',
    },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: Math.min(timeoutMs, 60_000),
  })
  const outcome: ProcessOutcome = {
    status: ran.timedOut ? 'timeout' : ran.exitCode === undefined ? 'not-started' : 'exit',
    code: ran.exitCode ?? null,
    signal: ran.signal ?? null,
    why: ran.exitCode === undefined && !ran.timedOut ? (ran.shortMessage ?? '') : '',
    ms: Math.round(ran.durationMs),
    adopted: false,
    ended: 0,
    outputs: outputsIn(file),
    files: [],
  }
  return { outcome, stdout: ran.stdout }
}

function outputsIn(file: string): Record<string, string> {
  const read = readOutputFile(file)
  const outputs = read.ok ? parseOutputs(read.value ?? '') : read
  return outputs.ok ? outputs.value : {}
}
