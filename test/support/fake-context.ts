import type {
  Answers,
  HttpOutcome,
  HttpRequest,
  HttpResponse,
  ProcessOutcome,
  Question,
  StepContext,
} from '../../runner/kinds/kind.ts'
import { success } from '../../runner/model/problem.ts'
import type { JsonObject } from '../../runner/model/values/json.ts'
import type { PlannedStep } from '../../runner/model/plan.ts'

export interface Fakes {
  step?: Partial<PlannedStep>
  attempt?: number
  present?: boolean
  /** What each script comes to, in turn; the last one again and again. */
  scripts?: { code: number; printed?: string; outputs?: Record<string, string> }[]
  http?: (request: HttpRequest, time: number) => Partial<HttpResponse> | HttpOutcome
  /** What people say, by topic; a topic that is not there throws. */
  answers?: Record<string, object>
  now?: number
  signal?: AbortSignal
}

export interface FakeContext extends StepContext {
  asked: { topic: string; question: Question }[]
  recorded: { type: string; key: string; value: JsonObject }[]
  slept: number[]
}

/** A context without a world: time moves when somebody sleeps, and people say what the test says. */
export function fakeContext(fakes: Fakes = {}): FakeContext {
  const scripts = fakes.scripts ?? [{ code: 0 }]
  const slept: number[] = []
  const asked: FakeContext['asked'] = []
  const recorded: FakeContext['recorded'] = []
  let now = fakes.now ?? 0
  let runs = 0
  let requests = 0
  const printed = new Map<ProcessOutcome, string>()
  return {
    step: stepWith(fakes.step),
    attempt: fakes.attempt ?? 1,
    signal: fakes.signal ?? new AbortController().signal,
    present: fakes.present ?? false,
    stretch: 1,
    clock: {
      monotonic: () => now,
      wall: () => now,
      async sleep(ms) {
        slept.push(ms)
        now += ms
      },
    },
    async record(type, key, make) {
      const value = await make()
      if (value !== undefined) recorded.push({ type, key, value })
      return value
    },
    async process() {
      const script = scripts[Math.min(runs++, scripts.length - 1)] ?? { code: 0 }
      const outcome: ProcessOutcome = {
        status: 'exit',
        code: script.code,
        signal: null,
        why: '',
        ms: 1,
        adopted: false,
        ended: 0,
        outputs: script.outputs ?? {},
        files: [],
      }
      printed.set(outcome, script.printed ?? '')
      return outcome
    },
    printed: async (outcome) => printed.get(outcome) ?? '',
    async http(request) {
      const answer = fakes.http?.(request, ++requests) ?? {}
      if ('ok' in answer) return answer as HttpOutcome
      return success({ status: 200, headers: {}, text: '', ms: 1, cut: false, ...answer })
    },
    excerpt: (text, most) => text.slice(0, most),
    include: async () => ({ run: '', status: 'passed', message: '', outputs: {} }),
    async ask(topic, question) {
      asked.push({ topic, question })
      const answer = fakes.answers?.[topic]
      if (!answer) throw new Error(`Nobody answers ${topic}`)
      const by = { id: 'bob@example.com', host: 'there', via: 'approve' }
      return { by, ...answer } as Answers[(typeof question)['type']]
    },
    recordedNow: async () => now,
    async sleepUntil(_, at) {
      slept.push(at - now)
      now = at
    },
    values: () => ({ inputs: {}, outputs: {}, run: {} }),
    asked,
    recorded,
    slept,
  }
}

/** A planned step with everything it must have. */
export function stepWith(more: Partial<PlannedStep> = {}): PlannedStep {
  return {
    number: 1,
    id: 'one',
    kind: 'check',
    title: 'One',
    effect: 'read',
    attributes: {},
    fences: [],
    tasks: [],
    prose: '',
    outputs: [],
    file: 'x.mdx',
    line: 1,
    ...more,
  }
}

/** A fence as a step has it. */
export function fenceOf(lang: string, code: string, role = 'main'): PlannedStep['fences'][number] {
  return { role, lang, flags: [], code, place: { file: 'x.mdx', line: 1, column: 1 } }
}
