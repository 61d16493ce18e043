import { Cancelled, Suspended } from '../engine/loop/durable.ts'
import type { DurablePorts } from '../engine/loop/durable-journal.ts'
import { durableJournal } from '../engine/loop/durable-journal.ts'
import { interpret } from '../engine/loop/interpret.ts'
import type { Resolving } from '../engine/run.ts'
import { refuseEnded, wishBack } from '../engine/runs.ts'
import { fold } from '../journal/fold.ts'
import { firstPrev } from '../journal/record/event.ts'
import type { Event, EventType } from '../journal/record/event.ts'
import { parseKey } from '../journal/record/event.ts'
import type { Journal } from '../journal/record/write-journal.ts'
import type { LoadedKinds } from '../kinds/index.ts'
import type { JsonObject } from '../model/values/json.ts'
import type { Actor, Plan } from '../model/plan.ts'
import type { IncludeRequest } from '../kinds/kind.ts'
import { ProblemError, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { differences } from './expectations.ts'
import type { LifeEnd, Played } from './played.ts'
import type { Life, Scenario, ScenarioFile, StepAnswer } from './format/scenario-schema.ts'
import { asRecorded } from './world/as-recorded.ts'
import { actorOf, askPeople } from './world/people.ts'
import { Died, namedOutputs } from './world/world.ts'
import type { PlayedIncluded, World } from './world/world.ts'
import { workInScenario } from './world/work-in-scenario.ts'
import type { ChangeStep } from './world/work-in-scenario.ts'
import { inZone } from './world/zone.ts'

/** The runbook that a scenario is played on. */
export interface Subject {
  /** The plan as the runbook has it, with the inputs of the scenario. */
  original: Plan
  /** The plan that is run. Default: the one that is written. */
  plan?: Plan
  /** A change of each step once its values are in place. */
  change?: ChangeStep
  kinds: LoadedKinds
  /** Made-up values of secret inputs. */
  secrets: Record<string, string>
  /** A scenario of another runbook, with the inputs that an include gives it. */
  included(request: IncludeRequest, scenario: string): Promise<Outcome<Playable>>
}

/** A scenario with all that it is played on. */
export interface Playable {
  file: ScenarioFile
  scenario: Scenario
  subject: Subject
}

/** More events than any real run has: a scenario that goes round in circles ends there. */
const mostEvents = 50_000
const firstRunner = 'runner@example.com'
const firstMoment = '2026-01-05T09:00:00.000Z'

/**
 * Plays one scenario of a file in memory: no process is started, no file is read, and time is imaginary. Scenarios are
 * played one after the other: each sets the time zone of this process.
 */
export async function play(file: ScenarioFile, scenario: Scenario, subject: Subject): Promise<Played> {
  return inZone(scenario.zone ?? file.zone ?? 'UTC', () => playLives(file, scenario, subject))
}

async function playLives(file: ScenarioFile, scenario: Scenario, subject: Subject): Promise<Played> {
  const { original, plan = original } = subject
  const base = mergedSteps(file.steps, scenario.steps)
  const began = Date.parse(scenario.clock ?? file.clock ?? firstMoment)
  const runner = scenario.runner ?? file.runner ?? firstRunner
  const world = newWorld(subject, base, began, runner)
  const lives = livesOf(scenario)
  const journal = memoryJournal(world, plan)
  const ends: LifeEnd[] = []
  const problems: Played['problems'] = []
  const used = new Set<string>()
  for (const [index, life] of lives.entries()) {
    world.now += life.after
    world.actor = life.by ?? runner
    world.present = life.present ?? scenario.present ?? file.present ?? true
    world.answers = mergedSteps(base, life.steps)
    const kept = setAside(world, Object.keys(life.steps))
    world.dies = life.dies
    world.used.clear()
    ends.push(await live({ world, journal, plan, subject, life, index }))
    for (const [what, turn] of kept) world.turns.set(what, turn)
    if (world.dies) {
      const path = scenario.lives ? ['lives', index, 'dies'] : ['dies']
      problems.push({
        path,
        message: `The run did not come to where the runner dies, \`${world.dies.in ?? `undo ${world.dies.undo}`}\``,
      })
    }
    for (const step of Object.keys(life.steps))
      if (!world.used.has(step))
        problems.push({ path: ['lives', index, 'steps', step], message: unused(step) })
    for (const step of world.used) used.add(step)
  }
  for (const [step, answer] of Object.entries(scenario.steps))
    if (!used.has(step) && !isHeld(answer)) problems.push({ path: ['steps', step], message: unused(step) })
  problems.push(
    ...world.problems.map(({ step, message }) => ({
      path: scenario.steps[step] ? ['steps', step] : ['name'],
      message,
    })),
  )
  return {
    lives: ends,
    events: [...journal.events],
    state: fold(journal.events),
    plan,
    did: world.did,
    undone: world.undone,
    leaves: [...world.effects.keys()].filter((step) => !isHeld(base[step])),
    asked: world.asked,
    refused: world.refused,
    tookMs: world.now - began,
    problems,
  }
}

/** A life that answers for a step itself begins its own count, and leaves that of the others alone. */
function setAside({ turns }: World, steps: readonly string[]): [string, number][] {
  const names = steps.flatMap((step) => ['attempt', 'approval', 'decide'].map((what) => `${what} ${step}`))
  const kept = names.map((name): [string, number] => [name, turns.get(name) ?? 0])
  for (const name of names) turns.delete(name)
  return kept
}

function unused(step: string): string {
  return `The run never asked for the answers of step \`${step}\``
}

function isHeld(answer: StepAnswer | undefined): boolean {
  return answer?.held !== undefined && answer.held !== false
}

function livesOf({ lives, dies }: Scenario): Life[] {
  const empty: Life = { how: 'resume', after: 0, steps: {} }
  if (lives) return lives
  return dies ? [{ ...empty, dies }, empty] : [empty]
}

/** Answers of a scenario over those of its file: field by field, and a list of attempts as a whole. */
function mergedSteps(
  base: Record<string, StepAnswer>,
  over: Record<string, StepAnswer>,
): Record<string, StepAnswer> {
  const merged = { ...base }
  for (const [step, answer] of Object.entries(over)) {
    const before = base[step]
    const attempts =
      answer.attempts.length === 0
        ? (before?.attempts ?? [])
        : answer.attempts.length === 1 && before?.attempts.length === 1
          ? [{ ...before.attempts[0], ...answer.attempts[0] }]
          : answer.attempts
    merged[step] = { ...before, ...answer, attempts }
  }
  return merged
}

/** Plays a scenario of an included runbook in the time zone and from the moment of the one that includes it. */
async function playIncluded(
  playable: Outcome<Playable>,
  now: number,
  actor: string,
): Promise<Outcome<PlayedIncluded>> {
  if (!playable.ok) return playable
  const { file, scenario, subject } = playable.value
  const runner = scenario.runner ?? file.runner ?? actor
  const nested = await playLives(file, { ...scenario, runner, clock: new Date(now).toISOString() }, subject)
  const end = nested.lives.at(-1)
  return success({
    ends: end?.ends ?? 'failed',
    message: end?.message ?? '',
    outputs: nested.state.outputs,
    tookMs: nested.tookMs,
    problems: differences(scenario, nested).map(({ what, actual, expected }) =>
      expected === undefined ? actual : `${what}: ${actual}, expected ${expected}`,
    ),
  })
}

function newWorld(
  { original, kinds, secrets, included }: Subject,
  answers: Record<string, StepAnswer>,
  now: number,
  actor: string,
): World {
  const world: World = {
    original,
    kinds,
    secrets,
    now,
    machine: { host: 'scenario', boot: 'boot' },
    actor,
    present: true,
    answers,
    dies: undefined,
    effects: new Map(),
    did: [],
    undone: [],
    processes: new Map(),
    sent: new Set(),
    printed: new Map(),
    series: new Map(),
    turns: new Map(),
    asked: [],
    refused: [],
    used: new Set(),
    playIncluded: async (request, name) =>
      playIncluded(await included(request, name), world.now, world.actor),
    problems: [],
  }
  for (const step of original.steps) {
    const held = answers[step.id]?.held
    if (held === undefined || held === false) continue
    const given = held === true ? answers[step.id]?.attempts[0]?.outputs : held
    world.effects.set(step.id, namedOutputs(step, given))
  }
  return world
}

/** A journal that is never on a disk; a value read from it is what a file would give back. */
function memoryJournal(world: World, { slug }: Plan): Journal {
  const events: Event[] = []
  const hidden = Object.values(world.secrets)
  return {
    events,
    head: () => firstPrev,
    append(type: EventType, key: string, data: JsonObject, actor: Actor) {
      if (events.length >= mostEvents)
        throw new ProblemError({ message: `The run does not end: it has ${mostEvents} events` })
      const event: Event = {
        v: 1,
        seq: events.length,
        ts: new Date(world.now).toISOString(),
        run: `${slug}-in-scenario`,
        type,
        key,
        data: asRecorded(data, hidden),
        actor,
        prev: firstPrev,
      }
      events.push(event)
      return event
    },
    close: () => undefined,
  }
}

interface Living {
  world: World
  journal: Journal
  plan: Plan
  subject: Subject
  life: Life
  index: number
}

async function live({ world, journal, plan, subject, life, index }: Living): Promise<LifeEnd> {
  const actor = actorOf(world, undefined)
  try {
    if (index === 0) begin(journal, plan, actor)
    else {
      const back = life.how === 'rollback'
      refuseEnded(fold(journal.events), back)
      journal.append('run-resumed', '', { ...world.machine }, actor)
      if (back) wishBack({ journal, actor }, 'as the scenario says')
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { ends: 'refused', at: '', message: error.message }
  }
  const durable = durableJournal(recording(world, journal, plan, actor), portsOf(world, journal, plan))
  const resolving: Resolving = {
    id: `${plan.slug}-in-scenario`,
    plan,
    actor,
    secrets: world.secrets,
    kindNamed: world.kinds.named,
  }
  try {
    const end = await interpret(plan, durable, workInScenario(world, resolving, durable, subject.change))
    journal.append('run-ended', '', end, actor)
    return { ends: end.status, at: end.step, message: end.message }
  } catch (error) {
    if (error instanceof Died) return { ends: 'died', at: '', message: error.message }
    if (error instanceof Suspended) {
      journal.append('run-paused', '', { topic: error.topic, message: error.message }, actor)
      return { ends: 'waiting', at: parseKey(error.topic).step, message: error.message }
    }
    if (error instanceof ProblemError || error instanceof Cancelled)
      return { ends: 'failed', at: '', message: error.message }
    throw error
  }
}

function begin(
  journal: Journal,
  { slug, title, inputs, secrets, file, sha256, steps }: Plan,
  actor: Actor,
): void {
  const data = {
    slug,
    title,
    inputs,
    secrets,
    file,
    documentSha256: sha256,
    planSha256: '',
    inputsSha256: '',
  }
  journal.append('run-started', '', { ...data, steps: steps.map(({ id }) => id), practice: true }, actor)
}

const never = new AbortController().signal

function recording(
  world: World,
  journal: Journal,
  plan: Plan,
  actor: Actor,
): Parameters<typeof durableJournal>[0] {
  return {
    id: `${plan.slug}-in-scenario`,
    plan,
    journal,
    actor,
    operator: { present: world.present, detach: false, ask: async () => undefined },
    cancel: { soft: never, hard: never },
    now: () => world.now,
  }
}

function portsOf(world: World, journal: Journal, plan: Plan): DurablePorts {
  return {
    answer: async (topic, question, limitMs) =>
      askPeople({ world, plan, events: journal.events }, topic, question, limitMs),
    async sleepUntil(at) {
      world.now = Math.max(world.now, at)
    },
    random: () => 0.5,
  }
}
