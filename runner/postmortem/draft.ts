import type { Event } from '../journal/event.ts'
import { parseKey } from '../journal/event.ts'
import type { RunState } from '../journal/fold.ts'
import { formatDuration, parseDuration } from '../model/duration.ts'
import { asText } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import type { Incident } from '../status/incident.ts'
import type { Severity } from '../status/severities.ts'

export interface PostmortemRun {
  run: string
  plan: Plan
  events: readonly Event[]
  state: RunState
}

export interface PostmortemFacts {
  /** The run of the incident first, then those of the same hours. */
  runs: readonly PostmortemRun[]
  incident: Incident | undefined
  severity: Severity | undefined
}

/** Parts that only people can write; a postmortem is not closed without them. */
export const humanSections = [
  ['Summary', 'What users noticed, from when until when, in three sentences.'],
  ['Contributing factors', 'All that had to come together. There is never only one.'],
  ['5 Whys', 'Ask why five times. Stop at what can be changed, not at a person.'],
  ['What went well', 'Keep doing it.'],
  ['What went wrong', 'What slowed people down, and what the runbook did not say.'],
  ['Where we got lucky', 'What would have made it worse, and did not happen.'],
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
    `## Action items\n\n{/* Type is one of ${itemTypes.join(', ')}. One of them changes the runbook. */}\n\n| Type | What | Owner | Due |\n| --- | --- | --- | --- |\n|  |  |  |  |`,
  ]
  return `${parts.join('\n\n')}\n`
}

function times({ runs, incident, severity }: PostmortemFacts): string {
  const start = incident?.startedAt ?? runs[0]?.state.startedAt ?? ''
  const began = runs[0]?.state.startedAt ?? start
  const first = incident?.updates[0]?.at
  const mitigated = incident?.updates.find(({ status }) => status === 'monitoring')?.at
  const detected = began < start ? began : start
  const rows: [string, string | undefined, string | undefined][] = [
    ['Detected', detected, undefined],
    ['First public message', first, severity?.respond],
    ['Mitigated', mitigated, undefined],
    ['Resolved', incident?.resolvedAt, severity?.resolve],
  ]
  const lines = rows.map(([name, at, target]) => {
    const after = at === undefined ? undefined : Date.parse(at) - Date.parse(detected)
    const limit = target === undefined ? undefined : parseDuration(target)
    const verdict = after === undefined || limit === undefined ? '' : after <= limit ? 'kept' : 'late'
    return `| ${name} | ${at ?? 'not recorded'} | ${after === undefined ? '' : formatDuration(after)} | ${target ?? ''} | ${verdict} |`
  })
  return ['| What | When | After | Target | |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}

function timeline({ runs, incident }: PostmortemFacts): string {
  const told = (incident?.updates ?? []).map(({ at, status, body, by }) => ({
    at,
    who: by,
    what: `told users (${status.replaceAll('_', ' ')}): ${body}`,
  }))
  const done = runs.flatMap((run) => run.events.flatMap((event) => entryOf(run, event)))
  const lines = [...told, ...done]
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ at, who, what }) => `| ${at} | ${cell(who)} | ${cell(what)} |`)
  return ['| When | Who | What |', '| --- | --- | --- |', ...lines].join('\n')
}

function entryOf({ state, plan }: PostmortemRun, event: Event): { at: string; who: string; what: string }[] {
  const { step } = parseKey(event.key)
  const title = plan.steps.find(({ id }) => id === step)?.title ?? step
  const what = phrase(event, title, state)
  return what === undefined ? [] : [{ at: event.ts, who: event.actor.id, what }]
}

function phrase({ type, data }: Event, title: string, { slug, run }: RunState): string | undefined {
  const message = asText(data['message'])
  switch (type) {
    case 'run-started':
      return `started ${slug} (run ${run})`
    case 'run-ended':
      return `${slug} ended: ${asText(data['status'])} ${message}`
    case 'step-started':
      return `${slug}: began “${title}”`
    case 'step-finished':
    case 'step-failed':
      return `${slug}: “${title}” ${asText(data['status'])}${message === '' ? '' : `, ${message}`}`
    case 'task-ticked':
      return `${slug}: “${title}”: ${asText(data['answer'])} ${asText(data['note'])}`
    case 'approval-given':
    case 'approval-rejected':
      return `${slug}: ${type === 'approval-given' ? 'approved' : 'rejected'} “${title}” ${asText(data['reason'])}`
    case 'gate-watched':
      return `${slug}: gate “${title}”: ${asText(data['verdict'])}, ${asText(data['reason'])}`
    case 'rollback-started':
      return `${slug}: rolling back. ${asText(data['reason'])}`
    case 'undo-finished':
      return `${slug}: took back “${title}”`
    default:
      return undefined
  }
}

function irregular({ runs }: PostmortemFacts): string {
  const found = runs.flatMap(({ state, plan }) =>
    plan.steps.flatMap(({ id, title }) => {
      const step = state.steps.get(id)
      if (step === undefined || (step.status === 'passed' && step.attempts < 2)) return []
      const often = step.attempts > 1 ? `, ${step.attempts} attempts` : ''
      return [
        `- ${state.slug}: “${cell(title)}” ${step.status}${often}${step.message ? `: ${cell(step.message)}` : ''}`,
      ]
    }),
  )
  return found.length === 0 ? 'Nothing: every step ran once and passed.' : found.join('\n')
}

// What programs and people wrote is text here, never markup.
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `&#${character.charCodeAt(0)};`)
}
