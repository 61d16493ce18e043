import { existsSync } from 'node:fs'
import type { Incident } from '../status/incident-file.ts'
import type { Severity } from '../status/severities.ts'
import { timersOf } from '../status/times.ts'
import { checkPostmortem } from './check-postmortem.ts'
import { postmortemFile } from './closing.ts'
import { headOf } from './head.ts'
import { textOf } from '../regular-file.ts'

/** An incident whose severity asks for a postmortem, and that has none which is closed. */
export interface OwedPostmortem {
  incident: Incident
  /** When it was, or is, to be written by; milliseconds since the epoch. */
  due: number
  overdue: boolean
  state: 'not begun' | 'draft'
}

/** Postmortems that are still owed, soonest first. `folder` holds them as `<incident id>.mdx`. */
export function owedPostmortems(
  incidents: readonly Incident[],
  severities: readonly Severity[],
  folder: string,
  now: number,
): OwedPostmortem[] {
  return incidents
    .filter(({ drill, resolvedAt }) => !drill && resolvedAt !== undefined)
    .flatMap((incident) => {
      const severity = severities.find(({ id }) => id === incident.severity)
      const timer =
        severity && timersOf(incident, severity, now, true).find(({ name }) => name === 'postmortem')
      const state = stateOf(postmortemFile(folder, incident))
      return timer === undefined || state === 'closed'
        ? []
        : [{ incident, due: timer.due, overdue: timer.overdue, state }]
    })
    .toSorted((a, b) => a.due - b.due)
}

function stateOf(file: string): OwedPostmortem['state'] | 'closed' {
  if (!existsSync(file)) return 'not begun'
  const text = textOf(file)
  const head = headOf(text)
  const isClosed = head.ok && head.value.status === 'closed'
  return isClosed && checkPostmortem(text, file).length === 0 ? 'closed' : 'draft'
}
