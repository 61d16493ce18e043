import { wrapAssertion } from '../../engine/sign/passkey.ts'
import { documentText, namespaces, parseClosing } from '../../journal/verify/evidence.ts'
import type { Closing } from '../../journal/verify/evidence.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { asksVerified } from '../../model/people/presence-level.ts'
import type { Presence } from '../../model/people/presence-level.ts'
import { failure, success } from '../../model/problem.ts'
import type { Actor } from '../../model/plan.ts'
import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import { listedPasskeys, signOnPage } from '../shared/people/signing-page.ts'
import { shownText } from './close-text.ts'

/** A closing without the time at which it is signed. */
export type ClosingDraft = Pick<
  Closing,
  'v' | 'purpose' | 'run' | 'head' | 'planSha256' | 'by' | 'nonce' | 'shownSha256'
>

/** The text of a closing, and the signature under it where there is one. */
export interface MadeClosing {
  text: string
  ts: string
  signature: string | undefined
}

/** Who closes, and where. */
export interface Desk {
  config: Config
  by: Actor
  io: Io
}

interface Wanted {
  draft: ClosingDraft
  presence: Presence
  /** Why a closing would not count; undefined when it counts. */
  doubt(closing: MadeClosing): string | undefined
}

/** Serves the page on which a passkey signs the closing; undefined when the person leaves. Throws CliError without a passkey. */
export async function closeInBrowser(
  stored: StoredRun,
  { draft, presence, doubt }: Wanted,
  { config, by, io }: Desk,
): Promise<MadeClosing | undefined> {
  const passkeys = listedPasskeys(by, config, io)
  const request = {
    title: `Close ${stored.plan.title}`,
    shown: shownText(stored),
    facts: [
      ['Run', draft.run],
      ['Run by', stored.state.actor.id],
      ['You close as', by.id],
    ] as const,
    namespace: namespaces.approval,
    draft: { ...draft },
    choices: [{ label: 'Close', members: {}, reason: 'none', tone: 'ok' }] as const,
    isFile: true,
    passkeys: passkeys.map(({ credential }) => credential),
    verified: presence === 'none' || asksVerified(presence),
  }
  return signOnPage<MadeClosing>(
    request,
    async ({ text, credential, assertion }) => {
      const key = passkeys.find((one) => one.credential === credential)?.key
      if (!key) return failure(`The passkey is not listed for ${by.id}`)
      const ts = parseClosing(text)?.ts ?? ''
      if (documentText({ ...draft, ts }) !== text)
        return failure('The statement is not the closing of this run')
      const wrapped = wrapAssertion(key, namespaces.approval, assertion)
      if (!wrapped.ok) return wrapped
      const closing = { text, ts, signature: wrapped.value }
      const problem = doubt(closing)
      return problem === undefined ? success(closing) : failure(problem)
    },
    io,
  )
}
