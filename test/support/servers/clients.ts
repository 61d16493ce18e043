import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { get } from '../../scripts/support.ts'

const USERS = 1000

/** What clients saw. `failed`: no answer, a cut answer, or a status of 400 or above. */
export interface Counted {
  sent: number
  failed: number
}

/**
 * Sends the requests numbered `from` to `to` (not included) at a steady pace, each from one of a thousand users in turn.
 * @param perSecond requests per second; a machine that cannot keep up sends them later, but all of them
 */
export async function sendPaced(
  url: string,
  { from, to, perSecond }: { from: number; to: number; perSecond: number },
): Promise<Counted> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const started = performance.now()
  const answers: Promise<boolean>[] = []
  for (let number = from; number < to; number++) {
    const due = started + ((number - from) * 1000) / perSecond
    await sleep(Math.max(0, due - performance.now()))
    const headers = { 'x-user-id': `user-${number % USERS}` }
    answers.push(
      get(url, headers, agent).then(
        (answer) => answer.status < 400,
        () => false,
      ),
    )
  }
  const good = (await Promise.all(answers)).filter(Boolean).length
  agent.destroy()
  return { sent: to - from, failed: to - from - good }
}
