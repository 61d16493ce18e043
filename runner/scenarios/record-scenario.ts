import { parseKey } from '../journal/record/event.ts'
import type { Event } from '../journal/record/event.ts'
import { asText, isRecord } from '../model/values/json.ts'
import type { Json, JsonObject } from '../model/values/json.ts'
import type { Plan } from '../model/plan.ts'
import type { ScenarioSource, SituationSource } from './draft/scenario-source.ts'

/** A real run, as its journal and the files beside it have it. */
export interface RecordedRun {
  plan: Plan
  events: readonly Event[]
  status: string
  /** The text of a file beside the journal; empty when it is gone. */
  text(file: string): string
}

/** A scenario of what happened in a run. It has what the journal has, in which secrets are redacted. */
export function recordScenario(run: RecordedRun): {
  situation: SituationSource
  scenario: ScenarioSource
} {
  const { plan, events } = run
  const first = events[0]
  const answers: Record<string, JsonObject> = {}
  for (const { id } of plan.steps) {
    const answer = answerOf(id, run)
    if (Object.keys(answer).length > 0) answers[id] = answer
  }
  const lives = livesOf(plan, events)
  return {
    situation: {
      ...(first ? { runner: first.actor.id } : {}),
      ...(first && waitsForClock(plan) ? { clock: first.ts, zone: ownZone() } : {}),
      inputs: changedInputs(plan),
      steps: answers,
    },
    scenario: {
      name: `the run of ${first?.ts.slice(0, 10) ?? 'that day'}`,
      ...(lives.length > 1 ? { lives } : {}),
      expect: expectationOf(run),
    },
  }
}

/** Whether a wait ends at a time of day, which depends on the beginning and on the time zone. */
function waitsForClock({ steps }: Plan): boolean {
  return steps.some(({ kind, attributes }) => kind === 'wait' && attributes['until'] !== undefined)
}

function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

function changedInputs({ inputs }: Plan): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== ''))
}

function answerOf(id: string, { plan, events, text }: RecordedRun): JsonObject {
  const step = plan.steps.find((one) => one.id === id)
  const own = events.filter(({ key }) => parseKey(key).step === id)
  const of = (type: Event['type']): Event[] => own.filter((event) => event.type === type)
  const answer: JsonObject = {}
  const printed = step?.kind === 'check' && step.attributes['expect'] !== undefined
  const attempts = of('step-ended').map((event) =>
    attemptOf(event, step?.kind ?? '', printed ? text : () => ''),
  )
  const last = attempts.at(-1)
  const held = of('effect-checked').find(
    ({ key, data }) => parseKey(key).attempt === 0 && data['holds'] === 'yes',
  )
  if (attempts.length === 1 && last) Object.assign(answer, last)
  if (held && attempts.length === 0) answer['held'] = heldOf(held)
  const undo = of('undo-ended').find(({ data }) => data['status'] !== 'passed')
  if (undo) answer['undo'] = { exit: exitOf(undo.data) || 1 }
  const fields = of('field-answered').map(({ key, data }) => [
    key.slice(key.indexOf('/') + 1),
    asText(data['value']),
  ])
  if (fields.length > 0) answer['fields'] = Object.fromEntries(fields) as JsonObject
  const tasks = of('task-ticked')
  if (tasks.some(({ data }) => data['answer'] !== 'done'))
    answer['tasks'] = tasks.map((event) => phraseOf(event, 'answer', 'note', events))
  const approvals = [...of('approval-given'), ...of('approval-rejected')].toSorted((a, b) => a.seq - b.seq)
  if (approvals.length > 0)
    answer['approvals'] = oneOrAll(approvals.map((event) => phraseOf(event, 'decision', 'reason', events)))
  const confirmed = of('step-confirmed').find(({ data }) => data['answer'] !== 'run')
  if (confirmed) answer['go'] = phraseOf(confirmed, 'answer', 'reason', events)
  const [resolved] = of('outcome-resolved')
  if (resolved) answer['resolve'] = phraseOf(resolved, 'answer', 'reason', events)
  const decided = of('gate-answered')
  if (decided.length > 0)
    answer['decide'] = oneOrAll(decided.map((event) => phraseOf(event, 'answer', 'reason', events)))
  const looks = looksOf(of('gate-sampled'))
  if (Object.keys(looks).length > 0) answer['looks'] = looks
  // A list of attempts has no place for anything else; it matters more than the rest of a step that was tried again.
  return attempts.length > 1 && Object.keys(answer).length === 0 ? { attempts } : answer
}

function recordsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.flatMap((one) => (isRecord(one) ? [one] : [])) : []
}

function oneOrAll(texts: string[]): Json {
  return texts.length === 1 ? (texts[0] ?? '') : texts
}

function heldOf({ data }: Event): Json {
  const { outputs } = data
  return isRecord(outputs) && Object.keys(outputs).length > 0 ? outputs : true
}

function attemptOf({ data }: Event, kind: string, text: (file: string) => string): JsonObject {
  const { outputs } = data
  const details = isRecord(data['data']) ? data['data'] : {}
  if (kind === 'include') {
    const ends = data['status'] === 'passed' ? 'passed' : 'failed'
    return {
      includes: { ends, ...(isRecord(outputs) && Object.keys(outputs).length > 0 ? { outputs } : {}) },
    }
  }
  if (kind === 'http') return responseOf(details['response'])
  const process = isRecord(details['process']) ? details['process'] : undefined
  if (!process) return {}
  const seconds = Math.round(Number(process['ms']) / 1000)
  const exit = exitOf(data)
  const file = recordsIn(process['files']).find(({ stream }) => stream === 'stdout')
  const stdout = file ? text(asText(file['file'])) : ''
  return {
    ...(exit === 0 ? {} : { exit }),
    ...(isRecord(outputs) && Object.keys(outputs).length > 0 ? { outputs } : {}),
    ...(stdout === '' ? {} : { stdout }),
    ...(seconds > 0 ? { takes: `${seconds}s` } : {}),
  }
}

function responseOf(response: Json | undefined): JsonObject {
  if (!isRecord(response)) return {}
  const body = asText(response['text'])
  return { status: Number(response['status']), ...bodyOf(body) }
}

function bodyOf(text: string): JsonObject {
  if (text === '') return {}
  try {
    return { json: JSON.parse(text) as Json }
  } catch {
    return { text }
  }
}

function exitOf(data: JsonObject): number {
  const details = isRecord(data['data']) ? data['data'] : {}
  const process = isRecord(details['process']) ? details['process'] : {}
  if (typeof process['code'] === 'number') return process['code']
  return data['status'] === 'passed' ? 0 : 1
}

/** The words of a person: `approved by bob@example.com after 2m: read the figures`. */
function phraseOf(
  { key, ts, actor, data }: Event,
  verb: string,
  why: string,
  events: readonly Event[],
): string {
  const asked = events.find(({ type, key: other }) => type === 'approval-requested' && other === key)
  const minutes = asked ? Math.floor((Date.parse(ts) - Date.parse(asked.ts)) / 60_000) : 0
  const reason = asText(data[why] ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return `${asText(data[verb])} by ${actor.id}${minutes > 0 ? ` after ${minutes}m` : ''}${reason === '' ? '' : `: ${reason}`}`
}

/** The values that a gate saw of each metric, look by look. */
function looksOf(samples: readonly Event[]): JsonObject {
  const byName = new Map<string, string[]>()
  for (const { data } of samples) {
    if (data['phase'] === 'first' || data['phase'] === 'again') continue
    for (const metric of recordsIn(data['metrics']))
      byName.set(asText(metric['name']), [...(byName.get(asText(metric['name'])) ?? []), lookOf(metric)])
  }
  return Object.fromEntries([...byName].map(([name, looks]) => [name, inTurn(looks)]))
}

function lookOf({ verdict, value, factor, unit }: JsonObject): string {
  if (verdict === 'no-data') return 'nothing'
  if (verdict === 'error') return 'error'
  const amount = Number(value) / Number(factor)
  if (!Number.isFinite(amount)) return 'bad'
  return `${Number(amount.toFixed(6))}${asText(unit ?? '')}`
}

/** Equal looks in a row as one: `0.2% x3, 5%`. */
function inTurn(looks: readonly string[]): string {
  const runs: { look: string; times: number }[] = []
  for (const look of looks) {
    const last = runs.at(-1)
    if (last?.look === look) last.times += 1
    else runs.push({ look, times: 1 })
  }
  return runs.map(({ look, times }) => (times === 1 ? look : `${look} x${times}`)).join(', ')
}

/** Each stretch of the run; one that ended without a word died in the step it was in. */
function livesOf({ steps }: Plan, events: readonly Event[]): Json[] {
  const starts = events.flatMap(({ type, seq }) =>
    type === 'run-started' || type === 'run-resumed' ? [seq] : [],
  )
  const lives: Json[] = []
  let detached = false
  for (const [index, from] of starts.entries()) {
    const stretch = events.filter(({ seq }) => seq >= from && seq < (starts[index + 1] ?? Infinity))
    const paused = stretch.findLast(({ type }) => type === 'run-paused')
    const topic = asText(paused?.data['topic'] ?? '')
    const kind = steps.find(({ id }) => id === parseKey(topic).step)?.kind ?? ''
    // A scenario waits where a run was left for a while.
    if (!detached) lives.push(lifeOf(stretch, events, index > 0, topic, kind))
    detached = kind === 'wait'
  }
  return lives
}

function lifeOf(
  stretch: readonly Event[],
  events: readonly Event[],
  resumed: boolean,
  topic: string,
  kind: string,
): Json {
  const back = resumed && stretch.some(({ type, data }) => type === 'rollback-started' && data['step'] === '')
  const closed = topic !== '' || stretch.some(({ type }) => type === 'run-ended')
  const begun = stretch.findLast(({ type }) => type === 'step-started')
  const isEnd = ({ type, key }: Event): boolean => type === 'step-ended' && key === begun?.key
  const dies = begun && !closed && !stretch.some(isEnd) ? parseKey(begun.key).step : undefined
  const finishes = events.some((event) => isEnd(event) && wasAdopted(event.data))
  const open = openAnswer(topic, kind)
  return {
    ...(back ? { how: 'rollback' } : {}),
    ...(open === undefined ? {} : { steps: { [parseKey(topic).step]: open } }),
    ...(dies === undefined ? {} : { dies: { in: dies, ...(finishes ? { finishes } : {}) } }),
  }
}

/** The open answer to the question that a stretch ended with. */
function openAnswer(topic: string, kind: string): JsonObject | undefined {
  if (topic === '' || kind === 'wait') return undefined
  if (topic.endsWith('/resolve')) return { resolve: 'nobody' }
  if (kind === 'approval') return { approvals: 'nobody' }
  if (kind === 'gate') return { decide: 'nobody' }
  return kind === 'checklist' ? { tasks: 'nobody' } : undefined
}

function wasAdopted(data: JsonObject): boolean {
  const details = isRecord(data['data']) ? data['data'] : {}
  return isRecord(details['process']) && details['process']['adopted'] === true
}

function expectationOf({ events, status }: RecordedRun): Record<string, Json> {
  const ended = events.findLast(({ type }) => type === 'run-ended')
  const last = events.filter(({ type }) => type === 'step-finished' || type === 'step-failed')
  const order = [...new Set(last.map(({ key }) => parseKey(key).step))]
  const skipped = (id: string): boolean =>
    last.findLast(({ key }) => parseKey(key).step === id)?.data['status'] === 'skipped'
  const undone = events.filter(({ type }) => type === 'undo-finished').map(({ key }) => key)
  const at = asText(ended?.data['step'] ?? '')
  const words = (ids: string[]): Json => (ids.length === 0 ? [] : ids.join(' '))
  const left = order.filter(skipped)
  return {
    ends: status,
    ...(at === '' ? {} : { at }),
    ran: words(order.filter((id) => !skipped(id))),
    ...(left.length > 0 ? { skipped: words(left) } : {}),
    ...(undone.length > 0 ? { undone: words(undone) } : {}),
  }
}
