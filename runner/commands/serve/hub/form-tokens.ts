import type { FormTokens } from '../../../http/form-tokens.ts'
import { makeFormTokens } from '../../../http/form-tokens.ts'
import type { HubStore } from './store.ts'

/** The tokens of forms of all processes of a hub: one key signs them, and the store says which were used. */
export function hubFormTokens(store: HubStore, key: string, now: () => number = Date.now): FormTokens {
  const { issue, fits } = makeFormTokens(now, Buffer.from(key, 'base64url'))
  const dayMs = 24 * 3_600_000
  return {
    issue,
    fits,
    use: (token) => store.add('once', { id: `form ${token}`, value: {}, until: now() + dayMs }),
  }
}
