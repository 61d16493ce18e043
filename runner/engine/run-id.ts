import { randomInt } from 'node:crypto'

const letters = '23456789abcdefghjkmnpqrstuvwxyz'

/** An id that sorts by time and can be read aloud: `20261121-081502-release-checklist-k3f9`. Time is UTC. */
export function newRunId(slug: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const tail = Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return `${time}-${slug.replaceAll('/', '-')}-${tail}`
}
