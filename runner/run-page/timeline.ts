import type { Event, EventType } from '../journal/event.ts'
import { parseKey } from '../journal/event.ts'

/** One line of a run's timeline. */
export interface Moment {
  at: string
  what: string
  /** The step it is about; undefined for the run. */
  step: string | undefined
  who: string
  via: string
  message: string
}

const words: Partial<Record<EventType, string>> = {
  'run-started': 'Run started',
  'run-resumed': 'Run resumed',
  'run-paused': 'Run paused',
  'run-ended': 'Run ended',
  'step-confirmed': 'Go given',
  'word-confirmed': 'Confirmed',
  'step-started': 'Started',
  'step-finished': 'Finished',
  'step-failed': 'Failed',
  'outcome-resolved': 'Outcome settled by a person',
  'task-ticked': 'Task answered',
  'approval-requested': 'Approval asked for',
  'approval-given': 'Approved',
  'approval-rejected': 'Rejected',
  'rollback-started': 'Rollback started',
  'undo-started': 'Undo started',
  'undo-ended': 'Undo failed',
  'undo-finished': 'Undone',
}

/** The events a person asks about, in order; bookkeeping stays in the journal. */
export function timeline(events: readonly Event[], steps: ReadonlyMap<string, unknown>): Moment[] {
  return events.flatMap((event): Moment[] => {
    const what = words[event.type]
    if (what === undefined) return []
    const { step } = parseKey(event.key)
    return [
      {
        at: event.ts,
        what,
        step: steps.has(step) ? step : undefined,
        who: event.actor.id,
        via: event.actor.via,
        message: messageOf(event),
      },
    ]
  })
}

function messageOf({ data }: Event): string {
  for (const key of ['message', 'reason', 'text', 'note', 'status']) {
    const value = data[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return ''
}
