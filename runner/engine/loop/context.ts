import { dirname, join } from 'node:path'
import { attemptKey } from '../../journal/record/event.ts'
import type { HttpOutcome, HttpRequest, OutputFile, ProcessRequest, StepContext } from '../../kinds/kind.ts'
import { meanwhile } from '../../meanwhile.ts'
import { failure } from '../../model/problem.ts'
import { parseDuration } from '../../model/values/duration.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { sendRequest } from '../process/send-request.ts'
import { machineOf } from '../process/machine.ts'
import { isSameBoot } from '../process/processes.ts'
import { excerpt } from '../process/redact/redact.ts'
import { baseOf, stepScript } from '../process/script.ts'
import { attemptFile } from '../process/shim/protocol.ts'
import { valuesOf } from '../run.ts'
import type { Resolving, Run } from '../run.ts'
import { systemClock } from './clock.ts'
import type { DurableRun } from './durable.ts'
import { recordFact } from './record-fact.ts'
import { includeRun } from './include.ts'
import type { AttemptOf } from './work.ts'
import { makeFolder } from '../../make-folder.ts'

/** All that a kind may do in one attempt of a step. */
export function stepContext(run: Run, durable: DurableRun, of: AttemptOf): StepContext {
  const { step, attempt, outputs, intent } = of
  const hidden = run.hidden
  return contextOver(run, durable, of, {
    clock: systemClock(durable.cancelled),
    process: ({ part, ...request }: ProcessRequest) => {
      const label = part === undefined ? String(attempt) : `${attempt}.${part}`
      return stepScript(run, { step, attempt, outputs, intent, label, show: true, ...request })
    },
    printed: ({ files: kept }, stream) => printedIn(run.folder, kept, stream),
    http: (request) => sendOnce(run, of, request),
    excerpt: (text, most, wasCut) => excerpt(text, most, hidden, wasCut),
    include: (request) => includeRun(durable, step.id, run.include, request),
  })
}

/** The part of the world that a step reaches, beside the journal. */
export type WorldPorts = Pick<StepContext, 'clock' | 'process' | 'printed' | 'http' | 'excerpt' | 'include'>

/** The context of one attempt over any world. */
export function contextOver(
  run: Resolving,
  durable: DurableRun,
  { step, attempt, outputs }: AttemptOf,
  ports: WorldPorts,
): StepContext {
  return {
    ...ports,
    step,
    attempt,
    signal: durable.cancelled,
    present: durable.present,
    stretch: durable.resumedAt,
    record: (type, key, make) => recordFact(durable, type, `${attemptKey(step.id, attempt)}/${key}`, make),
    ask: async (topic, question) => (await durable.wait(topic, question, askingLimit(step))).value,
    recordedNow: async (key) =>
      (await durable.record('moment-recorded', `${step.id}/${key}`, () => ({ at: durable.now() }))).value.at,
    sleepUntil: (key, at) => durable.sleepUntil(at, `${step.id}/${key}`),
    values: () => valuesOf(run, outputs),
  }
}

/** Left before a request that writes is sent. */
export function sentFile(run: Run, step: PlannedStep, attempt: number): string {
  return attemptFile(baseOf(run, step, String(attempt)), 'sent')
}

/** A request that writes is sent at most once for an attempt, ever. */
async function sendOnce(
  run: Run,
  { step, attempt, intent }: AttemptOf,
  request: HttpRequest,
): Promise<HttpOutcome> {
  if (step.effect !== 'write') return sendRequest(request, undefined, run.cancel.soft)
  if (!isSameBoot(intent, machineOf(run.state)))
    return failure('the request may have been sent before the machine was changed or restarted', {
      code: 'unknown',
    })
  const sent = sentFile(run, step, attempt)
  makeFolder(dirname(sent))
  return sendRequest(request, sent, run.cancel.soft)
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
  const printed = kept.find((one) => one.stream === stream)
  if (!printed) return ''
  const bytes = await meanwhile.readFile(join(folder, printed.file))
  return bytes.subarray(0, maxPrinted).toString('utf8')
}
