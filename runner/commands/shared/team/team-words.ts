import type { TeamRun } from '../../../team/port.ts'

/** The state of a run of the team in words. */
export function wordsOf({ run: id, state, status, runner, waiting, declined }: TeamRun): string {
  if (state === 'queued') return [`${id} waits for a runner`, ...declinedWords(declined)].join('; ')
  const at = waiting === '' ? '' : `, waits at ${waiting}`
  return `${id} ${status || state} on ${runner ?? 'no runner'}${at}`
}

/** Why each runner did not take it. */
export function declinedWords(declined: TeamRun['declined']): string[] {
  return Object.entries(declined).map(([name, reason]) => `not on ${name}: ${reason}`)
}
