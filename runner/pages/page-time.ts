/** `2026-11-21 08:14 UTC`: the same for every reader, as an incident's timeline should be. */
export function shortTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

/** `08:14:03`, within a day that is already named. */
export function clock(iso: string): string {
  return iso.slice(11, 19)
}

/** `2026-11-21 08:14:03`, where the day is not named. */
export function dayAndClock(iso: string): string {
  return `${iso.slice(0, 10)} ${clock(iso)}`
}
