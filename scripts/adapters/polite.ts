import { setTimeout as sleep } from 'node:timers/promises'
import { fetchByProxy, useProxies } from '../../runner/engine/process/http-proxies.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { messageOf } from '../lib/errors.ts'

/** Time, so that a test need not wait for it. Milliseconds. */
export interface Pace {
  now: () => number
  /** Rejects when the signal aborts first. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<unknown>
}

export const REAL_PACE: Pace = {
  now: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
}

/** How to treat a service that has limits. */
export interface Manners {
  /** Least time between the starts of two requests, in milliseconds; 0 for none. */
  everyMs: number
  /** How often a request is sent again after "too many requests", and after an answer above 500. */
  tries: number
  /** Milliseconds for one exchange. */
  limitMs: number
  pace: Pace
  /** Ends what is under way, and sends nothing any more. */
  signal?: AbortSignal | undefined
}

export interface PoliteRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: object
  /** May be sent again when its arrival is unknown. */
  repeatable: boolean
}

export interface PoliteAnswer {
  status: number
  headers: Headers
  text: string
}

/** The effect of the request is unknown: it was sent, and no answer came. */
export class NoAnswer extends CliError {}

/**
 * A function that sends requests one at a time, not faster than allowed, waits as long as the service says when it
 * was too fast, and sends again what may be sent again. Bodies and headers never reach an error text: they hold keys.
 */
export function politely({
  everyMs,
  tries,
  limitMs,
  pace,
  signal,
}: Manners): (request: PoliteRequest) => Promise<PoliteAnswer> {
  let free = 0
  let last: Promise<unknown> = Promise.resolve()

  async function turn(): Promise<void> {
    const wait = free - pace.now()
    if (wait > 0) await pace.sleep(wait, signal)
    free = pace.now() + everyMs
  }

  async function attempt(request: PoliteRequest): Promise<PoliteAnswer> {
    for (let left = tries; ; left--) {
      await turn()
      const answer = await once(request, limitMs, signal).catch((error: unknown) => {
        if (!request.repeatable || left <= 1 || signal?.aborted === true) throw error
        return undefined
      })
      if (answer !== undefined && !(isBusy(answer.status, request.repeatable) && left > 1)) return answer
      await pace.sleep(answer === undefined ? 1000 : retryAfter(answer.headers, pace.now()), signal)
    }
  }

  return (request) => {
    const mine = last.then(() => attempt(request))
    last = mine.catch(() => undefined)
    return mine
  }
}

// A refusal for being too fast had no effect; an answer above 500 may have had one.
function isBusy(status: number, repeatable: boolean): boolean {
  return status === 420 || status === 429 || (repeatable && status >= 500)
}

async function once(
  { method, url, headers, body }: PoliteRequest,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<PoliteAnswer> {
  const problem = useProxies()
  if (problem !== undefined)
    throw new CliError(exit.failed, `The request was not sent: ${problem}`, 'Correct the environment.')
  const limit = AbortSignal.timeout(limitMs)
  const init: RequestInit = {
    method,
    headers: { ...headers },
    redirect: 'error',
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { 'content-type': 'application/json', ...headers }
  }
  try {
    const response = await fetchByProxy(url, init)
    return { status: response.status, headers: response.headers, text: await response.text() }
  } catch (error) {
    throw new NoAnswer(
      exit.failed,
      `${method} ${new URL(url).origin} got no answer: ${limit.aborted ? `it took longer than ${limitMs} ms` : messageOf(error)}`,
      'Check the address and the network. The request may have arrived.',
    )
  }
}

const DEFAULT_WAIT_MS = 1000
const LONGEST_WAIT_MS = 120_000

/** How long a service asks to wait, in milliseconds: Retry-After in seconds or as a date, or X-Ratelimit-Reset in Unix milliseconds. */
function retryAfter(headers: Headers, now: number): number {
  const text = headers.get('retry-after')
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  const seconds = text === null || text === '' ? Number.NaN : Number(text)
  const date = text === null ? Number.NaN : Date.parse(text)
  const ms = [seconds * 1000, Number.isNaN(seconds) ? date - now : Number.NaN, reset - now].find(
    Number.isFinite,
  )
  return Math.min(Math.max(ms ?? DEFAULT_WAIT_MS, 0), LONGEST_WAIT_MS)
}
