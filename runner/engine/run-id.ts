import { randomInt } from 'node:crypto'

const letters = '23456789abcdefghjkmnpqrstuvwxyz'

/** An id that sorts by time and can be read aloud: `20261121-081502-release-checklist-k3f9`. Time is UTC. */
export function newRunId(slug: string, now: Date): string {
  return runIdOf(
    slug,
    now,
    Array.from({ length: 4 }, () => randomInt(letters.length)),
  )
}

/** The same id for the same numbers, each at least 0: four of them tell runs of one second apart. */
export function runIdOf(slug: string, now: Date, numbers: readonly number[]): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const tail = numbers.map((one) => letters[one % letters.length]).join('')
  return `${time}-${slug.replaceAll('/', '-')}-${tail}`
}
