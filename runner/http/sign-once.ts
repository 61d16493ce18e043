import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { listenLocalhost } from './listen-localhost.ts'
import { signingApp } from './signing-app.ts'
import type { Signed, Signing } from './signing-app.ts'
import type { Outcome } from '../model/problem.ts'

/** Time for the browser to read the last answer, in milliseconds. */
const lastAnswerMs = 300

export interface SignOnce<T> {
  ask: Signing['ask']
  /** Judges an answer; the first that succeeds is the last. */
  judge(signed: Signed): Promise<Outcome<T>>
  /** The last words of the page. */
  words: string
  /** Told the address that the person opens. */
  onListening(address: string): void
  /** Ends the server without an answer. */
  stop: AbortSignal
}

/** Serves the page of one signature at a random address of this machine, until it was given; undefined when stopped. */
export async function signOnce<T>({
  ask,
  judge,
  words,
  onListening,
  stop,
}: SignOnce<T>): Promise<T | undefined> {
  const path = `/${randomBytes(24).toString('base64url')}`
  const given = Promise.withResolvers<T | undefined>()
  let isGiven = false
  const server = await listenLocalhost((origin) => {
    const app = signingApp({
      origin,
      ask: async (context) => (isGiven ? undefined : ask(context)),
      take: async (signed) => {
        if (isGiven) return { ok: false, problem: { message: 'It was signed already' } }
        const judged = await judge(signed)
        if (!judged.ok) return judged
        isGiven = true
        setTimeout(() => given.resolve(judged.value), lastAnswerMs)
        return { ok: true, value: words }
      },
    })
    return new Hono().route(path, app)
  })
  const end = (): void => given.resolve(undefined)
  stop.addEventListener('abort', end, { once: true })
  try {
    onListening(server.origin + path)
    return await given.promise
  } finally {
    stop.removeEventListener('abort', end)
    await server.close()
  }
}
