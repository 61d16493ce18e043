import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import type { Outcome } from '../model/problem.ts'
import type { EnrolRequest, SignedText, SigningRequest } from '../model/people/signing-request.ts'
import { signingPage } from '../pages/signing/signing-page.ts'

/** Most bytes of an answer: a statement, and what a passkey signs. */
const mostBytes = 65_536

const text = z.string().max(mostBytes)
const signedSchema = z.strictObject({
  text,
  credential: text,
  assertion: z.strictObject({ authenticatorData: text, clientDataJSON: text, signature: text }),
  /** The public key of a passkey that was made, DER in base64url. */
  spki: text.optional(),
})

/** The answer of the page; with the public key of the passkey when it made one. */
export type Signed = SignedText & { spki?: string | undefined }

export interface Signing {
  /**
   * The address of the whole server as the browser names it, such as `http://localhost:47901`. Its host is the one that
   * passkeys belong to: `http://localhost:PORT` on one's own machine, `https://hub.example.com` for others. An address
   * by number cannot ask a passkey.
   */
  origin: string
  /** The text to sign, made anew for each request of the page; undefined when nothing waits to be signed any more. */
  ask(context: Context): Promise<SigningRequest | EnrolRequest | undefined>
  /** Judges and takes an answer; the value is what the page says to the person. A failure leaves the page open. */
  take(signed: Signed, context: Context): Promise<Outcome<string>>
}

/**
 * The page on which a person signs by a passkey, as a Hono app of two routes, `GET /` and `POST /`. It is mounted at a
 * path of any app, parameters included: `app.route('/runs/:run/:step/decide', signingApp(signing))`. It needs nothing of
 * that app but that no middleware replaces its `content-security-policy`.
 *
 * For an approval: `ask` returns `decisionRequest(asked)`, and `take` posts the value of `judgeDecision(signed, asked)`
 * (engine/people/passkey-decision.ts); `asked.passkeys` is `passkeysOf(trust, by.id, 'localhost', now)`
 * (engine/sign/security-keys.ts). Both are called with the journal of that moment, as it may have grown.
 *
 * Only the page itself can post: `Host`, `Origin` and `Sec-Fetch-Site` must be its own. It does not say who may read it;
 * the path or the app around it does.
 */
export function signingApp({ origin, ask, take }: Signing): Hono {
  const app = new Hono()
  const { host } = new URL(origin)
  app.use(async (context, next) =>
    context.req.header('host') === host ? next() : plain(context, 421, `Ask for this page as ${origin}`),
  )
  app.get('/', async (context) => {
    const request = await ask(context)
    if (!request) return plain(context, 410, 'Nothing waits to be signed here. It may have been decided.')
    const { body, policy } = signingPage(request)
    return context.html(body, 200, { ...always, 'content-security-policy': policy })
  })
  app.post(
    '/',
    bodyLimit({ maxSize: mostBytes, onError: (context) => plain(context, 413, 'The answer is too long') }),
    async (context) => {
      const isOwn =
        context.req.header('origin') === origin && context.req.header('sec-fetch-site') === 'same-origin'
      if (!isOwn) return plain(context, 403, 'Only the page itself can answer')
      const read = signedSchema.safeParse(await context.req.json().catch(() => undefined))
      if (!read.success) return plain(context, 400, 'The answer is not one of this page')
      const taken = await take(read.data, context)
      return taken.ok ? plain(context, 200, taken.value) : plain(context, 422, taken.problem.message)
    },
  )
  app.all('/', (context) => plain(context, 405, 'This page is read and answered'))
  return app
}

const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
}

function plain(
  context: Context,
  status: 200 | 400 | 403 | 405 | 410 | 413 | 421 | 422,
  words: string,
): Response {
  return context.text(`${words}\n`, status, always)
}
