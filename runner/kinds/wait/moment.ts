import * as z from 'zod'
import { once } from '../../model/once.ts'

/** A date of the calendar and a time with its zone. */
const dateAndTime = once(() =>
  z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })]),
)

/**
 * The first moment after `from` (milliseconds since the epoch) that a text names: the next time a clock on this machine
 * shows a time of day such as `08:30`, or a date and time with its zone. Undefined when it names none.
 */
export function nextMoment(text: string, from: number): number | undefined {
  const clock = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (!clock) return dateAndTime().safeParse(text).success ? Date.parse(text) : undefined
  const minutes = Number(clock[1]) * 60 + Number(clock[2])
  const today = new Date(from)
  // A day after a change of the clocks is made anew: it is not 24 hours later.
  return [0, 1, 2]
    .flatMap((days) =>
      shownAt(new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, 0, minutes), minutes),
    )
    .find((at) => at > from)
}

const minuteMs = 60_000
/** No change of the clocks is longer. */
const longestChangeMs = 3 * 60 * minuteMs

/**
 * When a clock shows a time of a day: once, twice where clocks are put back over it, and where they are put forward over
 * it at the moment they are.
 */
function shownAt(day: Date, minutes: number): number[] {
  const at = day.getTime()
  if (!shows(at, minutes)) return [changeBefore(at)]
  const putBack = (offset(at + longestChangeMs) - offset(at)) * minuteMs
  return putBack > 0 && shows(at + putBack, minutes) ? [at, at + putBack] : [at]
}

function shows(at: number, minutes: number): boolean {
  const date = new Date(at)
  return date.getHours() * 60 + date.getMinutes() === minutes
}

/** Minutes that local time is behind UTC. */
function offset(at: number): number {
  return new Date(at).getTimezoneOffset()
}

/** The last change of the clocks before a moment that lies shortly after one. */
function changeBefore(at: number): number {
  let [before, after] = [at - longestChangeMs, at]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offset(middle) === offset(at)) after = middle
    else before = middle
  }
  return after
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
