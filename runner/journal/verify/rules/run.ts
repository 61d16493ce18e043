import { asText } from '../../../model/values/json.ts'
import type { Json, JsonObject } from '../../../model/values/json.ts'
import { judged, unproven } from '../check-result.ts'
import type { Check } from '../check-result.ts'
import { attemptKey, parseKey } from '../../record/event.ts'
import type { Event, EventType } from '../../record/event.ts'
import { isObject, isSafeName, namedFiles, sameJson } from '../evidence.ts'
import { counted } from '../../../model/counted.ts'

/** The files beside the journal, hashed. */
export interface Beside {
  /** The text of plan.json. */
  plan: Json | undefined
  planSha256: string | undefined
  documentSha256: string | undefined
  /** Hash of a file in the run's folder; undefined when it is not there. */
  output(file: string): string | undefined
  /** Names of all files of step output, or undefined where they cannot be listed. */
  present: readonly string[] | undefined
  /** Names of links in the run's folder, which are never followed. */
  links: readonly string[]
}

export function planSteps(plan: Json | undefined): JsonObject[] {
  const steps = isObject(plan) ? plan['steps'] : undefined
  return Array.isArray(steps) ? steps.filter(isObject) : []
}

export function planField(plan: Json | undefined, name: string): Json | undefined {
  return isObject(plan) ? plan[name] : undefined
}

/** The first event binds plan, document and inputs. */
export function startChecks(events: readonly Event[], beside: Beside, run: string | undefined): Check[] {
  const { plan, planSha256, documentSha256 } = beside
  const first = events[0]
  const data = first?.data ?? {}
  const start: string[] = []
  if (first?.type !== 'run-started') start.push('The first event is not run-started')
  if (events.slice(1).some(({ type }) => type === 'run-started'))
    start.push('There is more than one run-started')
  if (run !== undefined && run !== first?.run)
    start.push(`The folder is of run ${run}, and the journal in it of run ${first?.run}`)
  const ids = planSteps(plan).map((step) => step['id'] ?? '')
  if (!sameJson(data['inputs'], planField(plan, 'inputs')) || !sameJson(data['steps'], ids))
    start.push('The inputs or steps of run-started are not those of plan.json')
  const bound = [data['planSha256'], data['documentSha256']]
  const planIs = planSha256 !== undefined && bound[0] === planSha256
  const documentIs =
    documentSha256 !== undefined &&
    bound[1] === documentSha256 &&
    planField(plan, 'sha256') === documentSha256
  return [
    ...judged('start', start, `Started by ${first?.actor.id} on ${first?.actor.host} at ${first?.ts}`),
    ...judged(
      'plan',
      planIs ? [] : ['plan.json is not the plan the run was started with'],
      'plan.json is the plan it ran',
    ),
    ...judged(
      'document',
      documentIs ? [] : ['document.mdx is not the document the run was started with'],
      'document.mdx is the document it ran',
    ),
  ]
}

/** Hex SHA-256 of an empty file: a step that prints nothing leaves one. */
const hashOfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Every file of output is the one the journal names, and no other is there; in an open run, none but of what is under way. */
export function outputChecks(events: readonly Event[], beside: Beside, open: boolean): Check[] {
  const named = namedFiles(events)
  const problems = named.flatMap(({ file, sha256 }) => {
    if (!isSafeName(file)) return [`The journal names a file outside of steps/: ${JSON.stringify(file)}`]
    const digest = beside.output(file)
    if (!digest) return [`${file} is missing`]
    return digest === sha256 ? [] : [`${file} is not what the step wrote: its digest is another`]
  })
  const linked = beside.links.map((name) => `${name} is a link: a run's folder holds its own files alone`)
  const listed = new Set(named.map(({ file }) => file))
  const strays = (beside.present ?? [])
    .filter((file) => !listed.has(file) && beside.output(file) !== hashOfNothing)
    .map((file) => `${file} is there and the journal does not name it`)
  const checks = judged(
    'outputs',
    [...problems, ...linked, ...(open ? [] : strays)],
    named.length === 0
      ? 'The steps wrote no output'
      : `${counted(named.length, 'file')} of output, as the steps wrote`,
  )
  return open
    ? [...checks, ...strays.slice(0, 20).map((stray) => unproven('outputs', `${stray} yet`))]
    : checks
}

/** Steps ran in the order of the plan, none before those ahead of it were finished, with all their attempts. */
export function orderChecks(events: readonly Event[], plan: Json | undefined): Check[] {
  return judged(
    'order',
    [...placeProblems(events, plan), ...attemptProblems(events)],
    'Every step began after those ahead of it were finished, and each attempt once, after the one before it',
  )
}

function placeProblems(events: readonly Event[], plan: Json | undefined): string[] {
  const ids = planSteps(plan).map((step) => asText(step['id']))
  const places = new Map(ids.map((id, place) => [id, place]))
  const finished = new Set<string>()
  const problems: string[] = []
  // How many of the first steps are finished: the next may begin.
  let ready = 0
  // The first approval that was skipped although nothing in the document lets it be.
  let passedBy: number | undefined
  const guards = new Set(
    planSteps(plan)
      .filter(isGuard)
      .map((step) => asText(step['id'])),
  )
  for (const { type, key, seq, data } of events) {
    const { step } = parseKey(key)
    const at = `run.jsonl:${seq + 1}`
    if (type === 'step-started') {
      const place = places.get(step)
      if (place === undefined) problems.push(`${at}: Step \`${step}\` is not in the plan`)
      else if (passedBy !== undefined && place > passedBy)
        problems.push(`${at}: Step \`${step}\` began though the approval before it was skipped`)
      else if (place > ready)
        problems.push(`${at}: Step \`${step}\` began before \`${ids[ready]}\` was finished`)
    }
    if (type === 'step-finished') finished.add(step)
    if (type === 'step-finished' && data['status'] === 'skipped' && guards.has(step))
      passedBy ??= places.get(step)
    while (finished.has(ids[ready] ?? '')) ready += 1
  }
  return problems
}

interface AttemptEvents {
  start: EventType
  end: EventType
  /** The name of such an attempt in a sentence. */
  of: string
}

const ofSteps: AttemptEvents = { start: 'step-started', end: 'step-ended', of: 'Attempt' }
const ofUndos: AttemptEvents = { start: 'undo-started', end: 'undo-ended', of: 'Undo attempt' }
const attemptEvents: Partial<Record<EventType, AttemptEvents>> = {
  'step-started': ofSteps,
  'step-ended': ofSteps,
  'undo-started': ofUndos,
  'undo-ended': ofUndos,
}

/**
 * Attempts are numbered from 1 without a gap, whatever they ended in: the next begins after the end of the one before
 * it. Each starts and ends once, and a step that passed has at least one.
 */
function attemptProblems(events: readonly Event[]): string[] {
  const seen = new Set<string>()
  const tried = new Set<string>()
  return events.flatMap(({ type, key, seq, data }) => {
    const { step, attempt } = parseKey(key)
    const problems: string[] = []
    const parts = attemptEvents[type]
    if (parts) {
      const { start, end, of } = parts
      if (seen.has(`${type} ${key}`)) problems.push(`${type} \`${key}\` is there twice`)
      if (type === end && !seen.has(`${start} ${key}`))
        problems.push(`${of} \`${key}\` ended and was never started`)
      if (type === start && (attempt < 1 || key !== attemptKey(step, attempt)))
        problems.push(`${of} \`${key}\` has no number: attempts are numbered from 1`)
      else if (type === start && attempt > 1 && !seen.has(`${end} ${attemptKey(step, attempt - 1)}`))
        problems.push(`${of} \`${key}\` began, and attempt ${attempt - 1} has no end before it`)
      seen.add(`${type} ${key}`)
    }
    if (type === 'step-ended') tried.add(step)
    if (type === 'step-finished' && data['status'] === 'passed' && !tried.has(step))
      problems.push(`Step \`${step}\` passed without an attempt`)
    return problems.map((problem) => `run.jsonl:${seq + 1}: ${problem}`)
  })
}

function isGuard({ kind, attributes }: JsonObject): boolean {
  return kind === 'approval' && !(isObject(attributes) && typeof attributes['when'] === 'string')
}

/** The first end of each step, by its id. */
export function finishes(events: readonly Event[]): Map<string, Event> {
  const byStep = new Map<string, Event>()
  for (const event of events)
    if (event.type === 'step-finished' && !byStep.has(event.key)) byStep.set(event.key, event)
  return byStep
}

/** The run ended in a last event, and a success is a success of every step. */
export function endChecks(events: readonly Event[], plan: Json | undefined, open: boolean): Check[] {
  const last = events.at(-1)
  if (open) return [unproven('end', openWords(last))]
  if (last?.type !== 'run-ended')
    return judged(
      'end',
      ['The last event is not run-ended: the run is still open, or its end was cut off'],
      '',
    )
  const status = asText(last.data['status'])
  const ends = finishes(events)
  const problems = status === 'succeeded' ? planSteps(plan).flatMap((step) => notDone(step, ends)) : []
  return judged('end', problems, `The run ended at ${last.ts}: ${status}`)
}

function openWords(last: Event | undefined): string {
  if (last?.type === 'run-ended')
    return `The run ended and was not sealed, as after a crash: \`runbook close ${last.run}\` seals it`
  return `The run has not ended; its last event is ${last?.type} at ${last?.ts}`
}

function notDone(step: JsonObject, ends: ReadonlyMap<string, Event>): string[] {
  const id = asText(step['id'])
  const end = ends.get(id)?.data['status']
  const attributes = step['attributes']
  const passedOver = end === 'failed' && isObject(attributes) && attributes['onFailure'] === 'continue'
  return end === 'passed' || end === 'skipped' || passedOver
    ? []
    : [`The run says it succeeded, and step \`${id}\` did not: ${asText(end) || 'it has no end'}`]
}
