import type { Event } from '../journal/record/event.ts'
import type { RunState } from '../journal/fold.ts'
import type { Moment } from '../journal/story/story-moment.ts'
import { tell } from '../journal/story/story.ts'
import { formatDuration, parseDuration } from '../model/values/duration.ts'
import { asText } from '../model/values/json.ts'
import type { Plan } from '../model/plan.ts'
import type { Incident } from '../status/incident-file.ts'
import type { Severity } from '../status/severities.ts'
import { compareText } from '../model/compare-text.ts'

export interface PostmortemRun {
  run: string
  plan: Plan
  events: readonly Event[]
  state: RunState
  /** The reported changes of each attempt and undo, by the key of its events. */
  changes: ReadonlyMap<string, readonly string[]>
}

export interface PostmortemFacts {
  /** The run of the incident first, then those of the same hours. */
  runs: readonly PostmortemRun[]
  incident: Incident | undefined
  severity: Severity | undefined
  /** The address of whoever lets the draft be written. */
  author: string
}

/** Parts that only people can write; a postmortem is not closed without them. */
export const humanSections = [
  ['Summary', 'The effect on users, with start and end, in three sentences.'],
  ['Contributing factors', 'All that had to come together. There is never only one.'],
  ['5 Whys', 'Ask why five times. Stop at what can be changed, not at a person.'],
  ['What went well', 'Keep doing it.'],
  ['What went wrong', 'Delays of the response, and gaps in the runbook.'],
  ['Where we got lucky', 'Conditions that would have made it worse and did not occur.'],
] as const

export const itemTypes = ['prevent', 'mitigate', 'detect', 'process'] as const

/** A draft: everything the journals know, and empty parts for what only people know. */
export function draft(facts: PostmortemFacts): string {
  const [main] = facts.runs
  const id = facts.incident?.id ?? main?.run ?? 'incident'
  const head = [
    '---',
    `title: ${JSON.stringify(`Postmortem ${id}: ${facts.incident?.title ?? main?.state.title ?? ''}`)}`,
    'status: draft',
    `author: ${JSON.stringify(facts.author)}`,
    'reviewedBy: # somebody else, before `status: closed`',
    `incident: ${id}`,
    `run: ${main?.run ?? ''}`,
    `severity: ${facts.severity?.id ?? ''}`,
    '---',
    '',
    'People are named in the timeline only: it says what happened, not whose fault it was. All times are UTC.',
  ]
  const human = humanSections.map(([title, hint]) => `## ${title}\n\n{/* ${hint} */}`)
  const parts = [
    head.join('\n'),
    ...human.slice(0, 1),
    `## Times\n\n${times(facts)}`,
    `## Timeline\n\n${timeline(facts)}`,
    `## Skipped, repeated, failed\n\n${irregular(facts)}`,
    ...human.slice(1),
    `## Action items\n\n{/* Type is one of ${itemTypes.join(', ')}. One changes the runbook, and links to its diff. */}\n\n| Type | What | Owner | Due |\n| --- | --- | --- | --- |\n|  |  |  |  |`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** When it was first seen: by the alert that opened the run, else by whoever ran it. Undefined without either. */
export function detectedAt({
  runs,
  incident,
}: Pick<PostmortemFacts, 'runs' | 'incident'>): string | undefined {
  const alert = runs[0]?.events[0]?.data['alert'] as { startsAt?: unknown } | undefined
  const fired = Date.parse(asText(alert?.startsAt as string | undefined))
  const starts = [runs[0]?.state.startedAt, incident?.startedAt].filter((at) => at !== undefined)
  return [...(Number.isNaN(fired) ? [] : [new Date(fired).toISOString()]), ...starts].toSorted()[0]
}

function times(facts: PostmortemFacts): string {
  const { runs, incident, severity } = facts
  const detected = detectedAt(facts) ?? ''
  const commander = incident?.changes.find(({ role }) => role === 'commander')?.at
  const acknowledged = [runs[0]?.state.startedAt, commander].filter((at) => at !== undefined).toSorted()[0]
  const mitigated = incident?.updates.find(({ status }) => status === 'monitoring')?.at
  const rows: [string, string | undefined, string | undefined][] = [
    ['Detected', detected, undefined],
    ['Acknowledged', acknowledged, severity?.respond],
    ['First public message', incident?.updates[0]?.at, severity?.respond],
    ['Mitigated', mitigated, undefined],
    ['Resolved', incident?.resolvedAt, severity?.resolve],
  ]
  const lines = rows.map(([name, at, target]) => {
    const after = at === undefined ? undefined : Date.parse(at) - Date.parse(detected)
    return row(name, at ?? 'not recorded', after, target)
  })
  return [
    '| What | When | After | Target | |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    ...silence(facts),
  ].join('\n')
}

function row(name: string, when: string, ms: number | undefined, target: string | undefined): string {
  const limit = target === undefined ? undefined : parseDuration(target)
  const verdict = ms === undefined || limit === undefined ? '' : ms <= limit ? 'kept' : 'late'
  return `| ${name} | ${when} | ${ms === undefined ? '' : formatDuration(ms)} | ${target ?? ''} | ${verdict} |`
}

/** The longest time in which users heard nothing. */
function silence({ incident, severity }: PostmortemFacts): string[] {
  const told = incident?.updates.map(({ at }) => at) ?? []
  const gaps = told.slice(1).map((at, index) => ({ at, ms: Date.parse(at) - Date.parse(told[index] ?? at) }))
  const longest = gaps.toSorted((a, b) => b.ms - a.ms)[0]
  return longest === undefined
    ? []
    : [row('Longest silence', `until ${longest.at}`, longest.ms, severity?.update)]
}

function timeline({ runs, incident }: PostmortemFacts): string {
  const told = (incident?.updates ?? []).map(({ at, status, body, by, reason }) => ({
    at,
    who: by,
    what: `told users (${status.replaceAll('_', ' ')}): ${body}${reason === undefined ? '' : ` Why it went back: ${reason}`}`,
  }))
  const changed = (incident?.changes ?? []).map(({ at, by, what, role, from, to }) => ({
    at,
    who: by,
    what: `${what === 'role' ? role : 'severity'}: ${from === '' ? 'none' : from} → ${to}`,
  }))
  const done = runs.flatMap((run) =>
    tell(run.events, run.plan, run.state).moments.flatMap((moment) => entryOf(run, moment)),
  )
  const lines = [...told, ...changed, ...done]
    .toSorted((a, b) => compareText(a.at, b.at))
    .map(({ at, who, what }) => `| ${at} | ${cell(who)} | ${cell(what)} |`)
  return ['| When | Who | What |', '| --- | --- | --- |', ...lines].join('\n')
}

function entryOf(run: PostmortemRun, moment: Moment): { at: string; who: string; what: string }[] {
  const { at, by, type, key, title } = moment
  const { slug } = run.state
  const ends = type === 'step-ended' || type === 'undo-ended'
  const changed = ends ? (run.changes.get(key) ?? []) : []
  const of = title === undefined ? '' : `“${title}”`
  if (changed.length > 0) return [{ at, who: by.id, what: `${slug}: ${of}: ${changed.join('; ')}` }]
  const words = phrase(run, moment)
  return words === undefined ? [] : [{ at, who: by.id, what: `${slug}: ${`${of} ${words}`.trim()}` }]
}

/** Undefined for what a reader of the incident does not ask about. */
function phrase(run: PostmortemRun, moment: Moment): string | undefined {
  const { type, role, step, what, detail, identity } = moment
  if (role === 'detail' || (type === 'step-confirmed' && detail === '')) return undefined
  // The end of a short step says enough.
  if (type === 'step-started' && !tookLong(run, step ?? '')) return undefined
  const words = what.charAt(0).toLowerCase() + what.slice(1)
  const about = type === 'run-started' ? [`run ${run.state.run}`, detail] : [detail]
  const how = role === 'decision' && identity !== '' ? ` (${identity})` : ''
  return `${[words, ...about].filter((part) => part !== '').join(': ')}${how}`.replaceAll('`', '')
}

function tookLong({ state }: PostmortemRun, step: string): boolean {
  const { startedAt = '', endedAt = '' } = state.steps.get(step) ?? {}
  return !(Date.parse(endedAt) - Date.parse(startedAt) < 60_000)
}

function irregular({ runs }: PostmortemFacts): string {
  const oddities = runs.flatMap(({ events, state, plan }) => {
    const { head, steps, decisions } = tell(events, plan, state)
    const odd = steps
      .filter(({ status, attempts }) => status !== 'passed' || attempts > 1)
      .map(({ title, words, attempts, message }) => {
        const often = attempts > 1 ? `, ${attempts} attempts` : ''
        return `- ${head.slug}: “${cell(title)}” ${words}${often}${message === '' ? '' : `: ${cell(message)}`}`
      })
    const exceptions = decisions
      .filter(({ role }) => role === 'exception')
      .map(({ what, title, detail }) => {
        const of = title === undefined ? '' : `“${cell(title)}” `
        return `- ${head.slug}: ${of}${cell(`${what}: ${detail}`)}`
      })
    return [...odd, ...exceptions]
  })
  return oddities.length === 0 ? 'Nothing: every step ran once and passed.' : oddities.join('\n')
}

// Output of programs and words of people are text here, never markup.
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `&#${character.charCodeAt(0)};`)
}
