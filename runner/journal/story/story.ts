import { asText, isRecord } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Actor, Plan, PlannedStep } from '../../model/plan.ts'
import { parseKey } from '../record/event.ts'
import type { Event } from '../record/event.ts'
import { namedFiles } from '../verify/evidence.ts'
import type { NamedFile } from '../verify/evidence.ts'
import { fold } from '../fold.ts'
import type { RunState, RunStatus, StepStatus } from '../fold.ts'
import { momentOf } from './story-moment.ts'
import type { Moment } from './story-moment.ts'
import { samplesOf } from './series.ts'
import type { Series } from './series.ts'
import { endWords } from './event-words.ts'
import { runStatusWords, stepStatusWords } from './tone.ts'
import type { Tone } from './tone.ts'
import { waitingOf } from './waiting.ts'
import type { Waiting } from './waiting.ts'

/** A run in words: what its terminal, log, pages, exports, postmortem and figures lay out. Plain data. */
export interface Story {
  head: StoryHead
  steps: StoryStep[]
  /** Every moment, in the order of the journal. */
  moments: Moment[]
  /** The moments in which somebody decided, or the run departed from its document. */
  decisions: Moment[]
  /** Every file that the journal binds by digest. */
  files: NamedFile[]
}

export interface StoryHead {
  run: string
  slug: string
  title: string
  status: RunStatus
  /** The status in words, such as `rolled back`. */
  words: string
  tone: Tone
  /** Why it stands or ended so; empty while there is nothing to say. */
  message: string
  by: Actor
  startedAt: string
  endedAt: string | undefined
  /** Milliseconds from start to end; undefined while it goes on. */
  ms: number | undefined
  /** A drill: counted in no figure of real work. */
  practice: boolean
  inputs: StoryInput[]
  waiting: Waiting | undefined
  /** Milliseconds from the start of its rollback to its end; undefined when nothing was rolled back. */
  rollbackMs: number | undefined
  /** Everybody who did something in the run, in order of appearance. */
  people: string[]
  documentSha256: string
  planSha256: string
  /** Commit and state of the working directory. */
  source: JsonObject
}

export interface StoryInput {
  name: string
  /** Undefined for a secret: it is named, never valued. */
  value: string | undefined
}

export interface StoryStep {
  number: number
  id: string
  kind: string
  title: string
  phase: string | undefined
  status: StepStatus
  words: string
  tone: Tone
  message: string
  attempts: number
  startedAt: string | undefined
  endedAt: string | undefined
  /** Milliseconds from start to end; undefined without either. */
  ms: number | undefined
  moments: Moment[]
  decisions: Moment[]
  samples: Series[]
  files: NamedFile[]
}

/** Tells a run. The only place, with `momentOf`, that turns events into words. Throws JournalError as `fold` does. */
export function tell(events: readonly Event[], plan: Plan, state: RunState = fold(events)): Story {
  const moments = events.flatMap((event) => momentOf(event, plan) ?? [])
  const own = Map.groupBy(events, ({ key }) => parseKey(key).step)
  const told = Map.groupBy(moments, ({ step }) => step)
  return {
    head: headOf(events, plan, state),
    steps: plan.steps.map((step) => stepOf(step, own.get(step.id) ?? [], told.get(step.id) ?? [], state)),
    moments,
    decisions: moments.filter(isDecision),
    files: namedFiles(events),
  }
}

/** Whether a moment belongs to the decisions and exceptions of a run. */
function isDecision({ role }: Moment): boolean {
  return role === 'decision' || role === 'exception'
}

function headOf(events: readonly Event[], plan: Plan, state: RunState): StoryHead {
  const [words, tone] = runStatusWords[state.status]
  const waiting = waitingOf(events, state, plan)
  const { source } = events[0]?.data ?? {}
  return {
    run: state.run,
    slug: state.slug,
    title: state.title,
    status: state.status,
    words,
    tone,
    message: waiting?.words ?? state.message ?? '',
    by: state.actor,
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    ms: between(state.startedAt, state.endedAt),
    practice: state.practice === true,
    inputs: inputsOf(plan),
    waiting,
    rollbackMs: between(events.find(({ type }) => type === 'rollback-started')?.ts, state.endedAt),
    people: [...new Set(events.map(({ actor }) => actor.id))],
    documentSha256: state.documentSha256,
    planSha256: state.planSha256,
    source: isRecord(source) ? source : {},
  }
}

/** The inputs in the order of the document; a plan that does not say it has them by name, numbers by value. */
export function inputsOf({ inputs, secrets, inputNames }: Plan): StoryInput[] {
  const names = [...Object.keys(inputs), ...secrets]
  const declared = (inputNames ?? []).filter((name) => names.includes(name))
  const others = names.filter((name) => !declared.includes(name))
  const byName = others.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return [...declared, ...byName].map((name) => ({
    name,
    value: Object.hasOwn(inputs, name) ? asText(inputs[name]) : undefined,
  }))
}

/** `events` and `moments` are those of the step. */
function stepOf(
  { number, id, kind, title, phase }: PlannedStep,
  events: readonly Event[],
  moments: readonly Moment[],
  { steps, endedAt, status: course }: RunState,
): StoryStep {
  const state = steps.get(id)
  const status = state?.status ?? 'pending'
  const [usual, tone] = stepStatusWords[status]
  // The step at which a run was abandoned or interrupted neither runs nor waits any more.
  const isOver = endedAt !== undefined || course === 'interrupted'
  const isLeft = isOver && (status === 'running' || status === 'waiting')
  const words = isLeft ? 'not ended' : usual
  return {
    number,
    id,
    kind,
    title,
    phase,
    status,
    words,
    tone,
    message: endWords(state?.message ?? ''),
    attempts: state?.attempts ?? 0,
    startedAt: state?.startedAt,
    endedAt: state?.endedAt,
    ms: between(state?.startedAt, state?.endedAt),
    moments: [...moments],
    decisions: moments.filter(isDecision),
    samples: samplesOf(events),
    files: namedFiles(events),
  }
}

function between(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined
  const ms = Date.parse(to) - Date.parse(from)
  return Number.isNaN(ms) ? undefined : ms
}
