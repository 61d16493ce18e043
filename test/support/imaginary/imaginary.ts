import { attemptKey } from '../../../runner/journal/record/event.ts'
import type { EventType } from '../../../runner/journal/record/event.ts'
import { Cancelled, Suspended } from '../../../runner/engine/loop/durable.ts'
import type { AnyQuestion, DurableRun } from '../../../runner/engine/loop/durable.ts'
import { interpret } from '../../../runner/engine/loop/interpret.ts'
import type { RunEnd } from '../../../runner/engine/loop/verdict.ts'
import type { AttemptOf, Work } from '../../../runner/engine/loop/work.ts'
import { result } from '../../../runner/kinds/kind.ts'
import type { Result } from '../../../runner/kinds/kind.ts'
import type { JsonObject } from '../../../runner/model/values/json.ts'
import type { Plan, PlannedStep } from '../../../runner/model/plan.ts'
import type { Fence } from '../../../runner/model/runbook.ts'
import { success } from '../../../runner/model/problem.ts'

/** What a step of an imaginary plan is like. */
export interface Shape {
  kind: 'command' | 'read' | 'approval' | 'wait'
  /** Failures without effect before the first success; more than the retries make the step fail. */
  failures: number
  retries: number
  idempotent: boolean
  done: 'none' | 'tells' | 'cannot-tell'
  undo: 'none' | 'undo' | 'always' | 'fails-once'
  onFailure: 'stop' | 'continue' | 'rollback'
  /** Whether the effect is there before the run. */
  held: boolean
}

/** What happens to the runner at a moment, counted in moments since the last one. */
export interface Fault {
  after: number
  /** `runner`: the shim goes on. `both`: the shim dies too. `boot`: the machine restarts. */
  what: 'runner' | 'both' | 'boot' | 'cancel'
}

class Crash extends Error {
  readonly what: Fault['what']
  constructor(what: Fault['what']) {
    super(what)
    this.what = what
  }
}

interface Attempt {
  claimed: boolean
  effect: boolean
  receipt?: 'exit 0' | 'exit 1' | 'cancelled' | 'not-started'
  starts: number
}

interface Entry {
  type: EventType
  key: string
  data: JsonObject
  by: string
}

/** A disk, a machine and a person that exist only here. */
export interface Imaginary {
  plan: Plan
  shapes: Map<string, Shape>
  journal: Entry[]
  attempts: Map<string, Attempt>
  effects: Map<string, number>
  undos: string[]
  boots: number
  now: number
  wokenEarly: boolean
  /** Whether a script began before its intent was in the journal. */
  unannounced: boolean
  asked: number
  faults: Fault[]
}

export function imagine(shapes: readonly Shape[], faults: readonly Fault[]): Imaginary {
  const steps = shapes.map((shape, index) => plannedStep(shape, index))
  const plan = { slug: 'imaginary', steps } as unknown as Plan
  return {
    plan,
    shapes: new Map(shapes.map((shape, index) => [`s${index}`, shape])),
    journal: [],
    attempts: new Map(),
    effects: new Map(
      shapes.map((shape, index) => [`s${index}`, shape.held && shape.kind === 'command' ? 1 : 0]),
    ),
    undos: [],
    boots: 1,
    now: 0,
    wokenEarly: false,
    unannounced: false,
    asked: 0,
    faults: faults.map((fault) => ({ ...fault })),
  }
}

function plannedStep(shape: Shape, index: number): PlannedStep {
  const fence = (role: string, flags: string[] = []) =>
    ({ role, lang: 'bash', code: '', flags }) as unknown as Fence
  const command = shape.kind === 'command'
  return {
    number: index + 1,
    id: `s${index}`,
    kind: command || shape.kind === 'read' ? 'command' : shape.kind,
    title: `s${index}`,
    effect: command ? 'write' : shape.kind === 'read' ? 'read' : 'none',
    attributes: { onFailure: shape.onFailure, idempotent: shape.idempotent },
    fences: [
      fence('main'),
      ...(command && shape.done !== 'none' ? [fence('done')] : []),
      ...(command && shape.undo !== 'none' ? [fence('undo', shape.undo === 'always' ? ['always'] : [])] : []),
    ],
    tasks: [],
    prose: '',
    outputs: [],
    file: '',
    line: 1,
  }
}

export type Stretch = RunEnd | { status: 'crashed' | 'cancelled' | 'waiting' }

/** One life of a runner: takes the run up where the journal stands, until its end or the next fault. */
export async function live(world: Imaginary): Promise<Stretch> {
  const run = imaginaryRun(world)
  try {
    return await interpret(world.plan, run, imaginaryWork(world, run))
  } catch (error) {
    if (error instanceof Suspended) return { status: 'waiting' }
    if (error instanceof Cancelled) return { status: 'cancelled' }
    if (!(error instanceof Crash)) throw error
    if (error.what === 'boot') world.boots += 1
    return { status: 'crashed' }
  }
}

/** A moment at which something may go wrong. */
function moment(world: Imaginary): void {
  const fault = world.faults[0]
  if (!fault || fault.what === 'cancel' || fault.after-- > 0) return
  world.faults.shift()
  throw new Crash(fault.what)
}

function imaginaryRun(world: Imaginary): DurableRun {
  const { journal } = world
  const find = (type: EventType, key: string): number =>
    journal.findIndex((entry) => entry.type === type && entry.key === key)
  const peek: DurableRun['peek'] = (type, key) => {
    const seq = find(type, key)
    return seq === -1 ? undefined : { value: journal[seq]?.data as never, first: false, seq }
  }
  const append = (type: EventType, key: string, data: JsonObject, by: string) => {
    moment(world)
    // What is read again later is what was written, not the object that was at hand.
    journal.push({ type, key, data: JSON.parse(JSON.stringify(data)) as JsonObject, by })
    moment(world)
    return { value: data as never, first: true, seq: journal.length - 1 }
  }
  return {
    id: 'imaginary',
    cancelled: new AbortController().signal,
    present: false,
    resumedAt: journal.length,
    now: () => world.now,
    random: () => 0.5,
    peek,
    async record(type, key, make) {
      return peek<Awaited<ReturnType<typeof make>>>(type, key) ?? append(type, key, await make(), 'alice')
    },
    async wait(topic, question) {
      const type = answerType(question)
      const recorded = peek<never>(type, topic)
      if (recorded) return recorded
      world.asked += 1
      return append(type, topic, answerOf(world, question), question.type === 'approval' ? 'bob' : 'alice')
    },
    async sleepUntil(at) {
      moment(world)
      world.now = Math.max(world.now, at)
    },
  }
}

function answerType(question: AnyQuestion): EventType {
  const types = {
    go: 'step-confirmed',
    resolve: 'outcome-resolved',
    approval: 'approval-given',
    field: 'field-answered',
  } as const
  return types[question.type as keyof typeof types]
}

/** A person who looks before they speak. */
function answerOf(world: Imaginary, question: AnyQuestion): JsonObject {
  const by = { id: question.type === 'approval' ? 'bob' : 'alice', host: '', via: '' }
  if (question.type === 'go') return { answer: 'run', reason: '', by }
  if (question.type === 'field') return { value: 'told', by }
  if (question.type !== 'resolve') return { decision: 'approved', reason: '', by }
  const there = (world.effects.get(question.step) ?? 0) > 0
  const undo = question.title.startsWith('Undo: ')
  return { answer: there === undo ? 'again' : 'done', reason: 'looked', by }
}

function imaginaryWork(world: Imaginary, run: DurableRun): Work {
  const here = () => ({ host: 'h', boot: String(world.boots) })
  const shapeOf = ({ id }: PlannedStep): Shape => world.shapes.get(id) as Shape
  const failing = (step: PlannedStep, attempt: number): boolean => attempt <= shapeOf(step).failures
  return {
    here,
    when: async () => success(true),
    prepare: (step) =>
      success({
        step,
        params: {
          params: {},
          common: {
            retries: shapeOf(step).retries,
            retryDelay: 10,
            idempotent: shapeOf(step).idempotent,
          } as never,
        },
      }),
    async attempt(of) {
      const { step, attempt } = of
      const { kind } = shapeOf(step)
      if (kind === 'approval') {
        await run.wait(`${step.id}/1`, { type: 'approval' } as never)
        return result('passed', 'approved')
      }
      if (kind === 'wait') return waitAnHour(world, run, step)
      announced(world, 'step-started', of)
      return process(world, of, `${step.id}/${attempt}`, failing(step, attempt), () => {
        if (kind === 'command') change(world, step, 1)
      })
    },
    async halt(of) {
      const name = `${of.step.id}/${of.attempt}`
      return world.attempts.has(name) ? adopt(world, of, name) : adopted('not-started')
    },
    async check(step) {
      moment(world)
      const { done } = shapeOf(step)
      const there = (world.effects.get(step.id) ?? 0) > 0
      const holds = done === 'cannot-tell' ? 'cannot-tell' : there ? 'yes' : 'no'
      return { holds, message: holds, outputs: {} }
    },
    async undo(of) {
      const { step, attempt } = of
      const fails = shapeOf(step).undo === 'fails-once' && attempt === 1
      announced(world, 'undo-started', of)
      return process(world, of, `${step.id}/undo-${attempt}`, fails, () => {
        change(world, step, -1)
        world.undos.push(step.id)
      })
    },
  }
}

function announced(world: Imaginary, type: EventType, { step, attempt }: AttemptOf): void {
  const key = attemptKey(step.id, attempt)
  if (!world.journal.some((entry) => entry.type === type && entry.key === key)) world.unannounced = true
}

async function waitAnHour(world: Imaginary, run: DurableRun, step: PlannedStep): Promise<Result> {
  const { value } = await run.record('moment-recorded', `${step.id}/from`, () => ({ at: world.now }))
  await run.sleepUntil(value.at + 3600)
  if (world.now < value.at + 3600) world.wokenEarly = true
  return result('passed', 'waited')
}

function change(world: Imaginary, step: PlannedStep, by: number): void {
  world.effects.set(step.id, (world.effects.get(step.id) ?? 0) + by)
}

function adopted(status: Result['status']): Result {
  return result(status, status, { data: { process: { adopted: true } } })
}

/** The executor's protocol: folder, claim, effect, receipt, with something that may go wrong between any two. */
function process(world: Imaginary, of: AttemptOf, name: string, fails: boolean, effect: () => void): Result {
  if (world.attempts.has(name)) return adopt(world, of, name)
  if (of.intent.boot !== String(world.boots)) return result('unknown', 'restarted')
  moment(world)
  const attempt: Attempt = { claimed: false, effect: false, starts: 0 }
  world.attempts.set(name, attempt)
  moment(world)
  const [fault] = world.faults
  attempt.claimed = true
  attempt.starts += 1
  const cut = fault && fault.after <= 2 ? fault : undefined
  if (cut) world.faults.shift()
  // The shim dies before the effect, after it, or not at all; a runner that dies alone changes nothing here.
  if (cut && cut.what !== 'runner' && cut.after === 0) return stopped(cut, attempt)
  if (!fails) {
    effect()
    attempt.effect = true
  }
  if (cut && cut.what !== 'runner') return stopped(cut, attempt)
  attempt.receipt = fails ? 'exit 1' : 'exit 0'
  if (cut) throw new Crash('runner')
  return fails ? result('failed', 'exit 1') : result('passed', 'exit 0')
}

function stopped(fault: Fault, attempt: Attempt): Result {
  if (fault.what !== 'cancel') throw new Crash(fault.what)
  attempt.receipt = 'cancelled'
  return result('cancelled', 'cancelled')
}

function adopt(world: Imaginary, { intent }: AttemptOf, name: string): Result {
  const attempt = world.attempts.get(name) as Attempt
  if (attempt.receipt === 'cancelled') return adopted('cancelled')
  if (attempt.receipt === 'not-started') return adopted('not-started')
  if (attempt.receipt) return adopted(attempt.receipt === 'exit 0' ? 'passed' : 'failed')
  if (intent.boot !== String(world.boots)) return result('unknown', 'restarted')
  moment(world)
  if (attempt.claimed) return result('unknown', 'no receipt')
  attempt.receipt = 'not-started'
  moment(world)
  return adopted('not-started')
}

/** Whether a step's own attempt ever reported success, or somebody or something vouched for its effect. */
export function isVouched({ journal }: Imaginary, step: string): boolean {
  return journal.some(
    ({ type, key, data }) =>
      key.startsWith(step) &&
      ((type === 'step-ended' &&
        key.startsWith(attemptKey(step, 0).slice(0, -1)) &&
        data['status'] === 'passed') ||
        (type === 'effect-checked' && data['holds'] === 'yes') ||
        (type === 'outcome-resolved' && data['answer'] === 'done')),
  )
}
