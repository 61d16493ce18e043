/**
 * The first moment after `from` (milliseconds since the epoch) that a text names: a time of day on this machine such
 * as `08:30`, or a date and time with its zone. Undefined when it names none.
 */
export function nextMoment(text: string, from: number): number | undefined {
  const clock = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (!clock) return /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? parsed(text) : undefined
  const day = new Date(from)
  day.setHours(Number(clock[1]), Number(clock[2]), 0, 0)
  if (day.getTime() <= from) day.setDate(day.getDate() + 1)
  return day.getTime()
}

function parsed(text: string): number | undefined {
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

/** A moment as it is here, and as everybody can read it: `2026-11-21 14:30:00 (13:30:00 UTC)`. */
export function writeMoment(at: number): string {
  const date = new Date(at)
  const utc = date.toISOString()
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  const utcDay = utc.slice(0, 10) === day ? '' : `${utc.slice(0, 10)} `
  return `${day} ${time} (${utcDay}${utc.slice(11, 19)} UTC)`
}
