import type { Presence } from './model/presence-level.ts'

/** What holds where runbook.config.ts does not say otherwise. */
export const defaults = {
  content: 'content/runbooks',
  state: '.runbook',
  allowedSigners: 'allowed_signers',
  revokedKeys: 'revoked_keys',
  people: 'content/people.yaml',
  presence: 'none' as Presence,
  retention: '90d',
  lang: 'en',
  rules: [] as string[],
}
