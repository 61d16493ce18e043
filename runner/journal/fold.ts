import { asText, isRecord } from '../model/values/json.ts'
import type { Json, JsonObject } from '../model/values/json.ts'
import type { Actor } from '../model/plan.ts'
import { parseKey } from './record/event.ts'
import type { Event } from './record/event.ts'
import { JournalError } from './record/journal-error.ts'

/** Every state of a step. */
export const stepStatuses = [
  'pending',
  'running',
  'waiting',
  'passed',
  'failed',
  'stopped',
  'skipped',
  'unknown',
  'undone',
] as const
export type StepStatus = (typeof stepStatuses)[number]

const runStatuses = [
  'running',
  'waiting',
  'interrupted',
  'succeeded',
  'failed',
  'stopped',
  'cancelled',
  'rolled-back',
  'rollback-failed',
  'abandoned',
] as const
export type RunStatus = (typeof runStatuses)[number]

export interface StepState {
  id: string
  status: StepStatus
  attempts: number
  startedAt?: string
  endedAt?: string
  /** Why it ended as it did, in one sentence. */
  message?: string
  /** The last attempt's result, as the kind left it. */
  result?: JsonObject
  undo?: { status: 'running' | 'done' | 'failed'; message?: string }
}

export interface RunState {
  run: string
  slug: string
  title: string
  status: RunStatus
  actor: Actor
  startedAt: string
  endedAt?: string
  inputs: Record<string, Json>
  planSha256: string
  documentSha256: string
  /** A drill: counted in no figure of real work. */
  practice?: true
  steps: Map<string, StepState>
  outputs: Record<string, string>
  /** The question that the run waits for, while it is paused. */
  waitingFor?: { topic: string; what: string }
  message?: string
  /** Steps whose undo a rollback left to a person: they failed, and may still have taken effect. */
  offered: StepState[]
  events: number
}

/**
 * Folds a journal to the state of its run. State is never stored: it is only ever this. Throws JournalError for one that
 * begins as no run does: journals come from others too.
 */
export function fold(events: readonly Event[]): RunState {
  const [first] = events
  const { inputs, steps } = first?.data ?? {}
  if (first?.type !== 'run-started' || !isRecord(inputs) || !isWords(steps))
    throw new JournalError('The journal does not begin with the inputs and steps of a run: it was changed')
  const state: RunState = {
    run: first.run,
    slug: asText(first.data['slug']),
    title: asText(first.data['title']),
    status: 'running',
    actor: first.actor,
    startedAt: first.ts,
    inputs,
    planSha256: asText(first.data['planSha256']),
    documentSha256: asText(first.data['documentSha256']),
    ...(first.data['practice'] === true ? { practice: true } : {}),
    steps: new Map(steps.map((id) => [id, { id, status: 'pending', attempts: 0 }])),
    outputs: {},
    offered: [],
    events: events.length,
  }
  for (const event of events) apply(state, event)
  return state
}

function isWords(value: Json | undefined): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function statusOf<T extends string>({ type, seq, data }: Event, statuses: readonly T[]): T {
  const match = statuses.find((status) => status === data['status'])
  if (match === undefined)
    throw new JournalError(
      `Event ${seq} of the journal, ${type}, has no status that one can have: it was changed`,
    )
  return match
}

function apply(state: RunState, event: Event): void {
  const { step: id, attempt } = parseKey(event.key)
  const step = state.steps.get(id)
  if (step) applyToStep(state, step, event, attempt)
  else applyToRun(state, event)
}

function applyToRun(state: RunState, event: Event): void {
  switch (event.type) {
    case 'run-resumed':
      state.status = 'running'
      delete state.waitingFor
      delete state.message
      delete state.endedAt
      break
    case 'run-paused':
      state.status = event.data['topic'] ? 'waiting' : 'interrupted'
      state.message = asText(event.data['message'])
      if (event.data['topic']) state.waitingFor = { topic: asText(event.data['topic']), what: state.message }
      break
    case 'run-ended':
      state.status = statusOf(event, runStatuses)
      state.endedAt = event.ts
      state.message = asText(event.data['message'])
      state.offered = offeredIn(state, event.data['offered'])
      delete state.waitingFor
      break
    default:
  }
}

function offeredIn({ steps }: RunState, ids: Json | undefined): StepState[] {
  return Array.isArray(ids) ? ids.flatMap((id) => steps.get(asText(id)) ?? []) : []
}

function applyToStep(state: RunState, step: StepState, event: Event, attempt: number): void {
  switch (event.type) {
    case 'step-started':
      step.status = 'running'
      step.attempts = attempt
      step.startedAt ??= event.ts
      break
    case 'step-ended':
      step.endedAt = event.ts
      step.result = event.data
      step.message = asText(event.data['message'])
      if (event.data['status'] === 'unknown') step.status = 'unknown'
      break
    case 'step-failed':
    case 'step-finished':
      step.status = statusOf(event, stepStatuses)
      step.endedAt = event.ts
      step.message = asText(event.data['message'])
      Object.assign(state.outputs, event.data['outputs'])
      break
    case 'approval-requested':
      step.status = 'waiting'
      break
    case 'approval-given':
    case 'approval-rejected':
    case 'approval-expired':
      if (step.status === 'waiting') step.status = 'running'
      break
    case 'undo-started':
      step.undo = { status: 'running' }
      break
    case 'undo-ended':
      step.undo = {
        status: event.data['status'] === 'passed' ? 'done' : 'failed',
        message: asText(event.data['message']),
      }
      break
    case 'undo-finished':
      step.undo = { status: 'done', message: asText(event.data['message']) }
      step.status = 'undone'
      break
    default:
  }
}
