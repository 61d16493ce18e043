/** The tolerated number; one more fires. */
export interface Limits {
  /** Failed health checks in a row. */
  unhealthy: number
  /** Errors among the last hundred answers. */
  errorsPerHundred: number
  /** Restarts within five minutes. */
  restarts: number
  /** Memory in bytes; undefined when nobody said. */
  memory: number | undefined
  /** Share of the scheduler's periods in which it was held back, 0 to 1. */
  throttled: number
  /** Looks in a row without metrics. */
  unread: number
}

/** The limits of the release engineering handbook: the third failed check, the eleventh error, the fourth restart. */
export const LIMITS: Limits = {
  unhealthy: 2,
  errorsPerHundred: 10,
  restarts: 3,
  memory: undefined,
  throttled: 0.25,
  unread: 4,
}

const RESTART_WINDOW_MS = 5 * 60_000
const ANSWERS = 100

/** One look at a process. Undefined is what could not be read. */
export interface Look {
  at: number
  healthy: boolean
  /** When the process began, as it says. */
  startedAt?: number | undefined
  /** Answers so far, and those with a 5xx code. */
  answers?: number | undefined
  errors?: number | undefined
  memory?: number | undefined
  /** Periods of the scheduler so far, and those in which the process was held back at its CPU limit. */
  periods?: number | undefined
  throttledPeriods?: number | undefined
}

/** The state between looks. */
export interface Watch {
  unhealthyInARow: number
  /** Looks in a row in which no answers could be counted. */
  unreadInARow: number
  last: Look | undefined
  restarts: number[]
  /** Answers and errors of each stretch between two looks, the newest last; together about the last hundred. */
  stretches: { answers: number; errors: number }[]
  /** Share of the periods between the last two looks in which it was held back; undefined when nobody counts. */
  throttled: number | undefined
}

/** Nothing looked at yet. */
export const emptyWatch: Watch = {
  unhealthyInARow: 0,
  unreadInARow: 0,
  last: undefined,
  restarts: [],
  stretches: [],
  throttled: undefined,
}

/** Adds a look. A process that began anew counts from zero again; what could not be read is not taken for zero. */
export function addLook(watch: Watch, look: Look): Watch {
  const { last } = watch
  const restarted =
    look.startedAt !== undefined && last?.startedAt !== undefined && look.startedAt !== last.startedAt
  const restarts = [...watch.restarts, ...(restarted ? [look.at] : [])]
  return {
    unhealthyInARow: look.healthy ? 0 : watch.unhealthyInARow + 1,
    unreadInARow: look.answers === undefined ? watch.unreadInARow + 1 : 0,
    last: look.answers === undefined ? { ...last, ...definedFields(look) } : look,
    restarts: restarts.filter((at) => at > look.at - RESTART_WINDOW_MS),
    stretches: lastHundred([...watch.stretches, ...stretchOf(last, look, restarted)]),
    throttled: restarted ? undefined : heldBack(last, look),
  }
}

/** The difference between two looks; none before there are two. */
function stretchOf(last: Look | undefined, look: Look, restarted: boolean): Watch['stretches'] {
  if (look.answers === undefined || last?.answers === undefined) return []
  const from = restarted ? { answers: 0, errors: 0 } : { answers: last.answers, errors: last.errors ?? 0 }
  return [{ answers: look.answers - from.answers, errors: (look.errors ?? 0) - from.errors }]
}

function heldBack(last: Look | undefined, look: Look): number | undefined {
  const periods = (look.periods ?? Number.NaN) - (last?.periods ?? Number.NaN)
  const held = (look.throttledPeriods ?? Number.NaN) - (last?.throttledPeriods ?? Number.NaN)
  return periods > 0 && held >= 0 ? held / periods : undefined
}

function definedFields(look: Look): Look {
  return Object.fromEntries(
    Object.entries(look).filter(([, value]) => value !== undefined),
  ) as unknown as Look
}

function lastHundred(stretches: Watch['stretches']): Watch['stretches'] {
  let answers = 0
  const first = stretches.findLastIndex((stretch) => (answers += stretch.answers) >= ANSWERS)
  return first === -1 ? stretches : stretches.slice(first)
}

/** The triggers that fire now, each as a sentence. */
export function fired(watch: Watch, limits: Limits): string[] {
  const errors = watch.stretches.reduce((sum, stretch) => sum + stretch.errors, 0)
  const answers = watch.stretches.reduce((sum, stretch) => sum + stretch.answers, 0)
  // More than a hundred answers in one stretch are scaled down to a hundred.
  const perHundred = answers > ANSWERS ? (errors * ANSWERS) / answers : errors
  const memory = watch.last?.memory
  return [
    ...(watch.unhealthyInARow > limits.unhealthy
      ? [`health: ${watch.unhealthyInARow} checks failed in a row`]
      : []),
    ...(watch.unreadInARow > limits.unread
      ? [`metrics: ${watch.unreadInARow} looks in a row counted no answers`]
      : []),
    ...(perHundred > limits.errorsPerHundred
      ? [`errors: ${Number(perHundred.toFixed(1))} in a hundred answers`]
      : []),
    ...(watch.restarts.length > limits.restarts
      ? [`restarts: ${watch.restarts.length} within five minutes`]
      : []),
    ...(limits.memory !== undefined && memory !== undefined && memory > limits.memory
      ? [`memory: ${memory} bytes`]
      : []),
    ...(watch.throttled !== undefined && watch.throttled > limits.throttled
      ? [`CPU: held back in ${Number((watch.throttled * 100).toFixed(1))} % of the periods`]
      : []),
  ]
}
