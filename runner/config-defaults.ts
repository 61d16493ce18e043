import type { Presence } from './model/presence-level.ts'

/** The defaults of runbook.config.ts. */
export const defaults = {
  content: 'content/runbooks',
  state: '.runbook',
  allowedSigners: 'allowed_signers',
  revokedKeys: 'revoked_keys',
  people: 'content/people.yaml',
  secrets: 'content/secrets.yaml',
  presence: 'none' as Presence,
  retention: '90d',
  lang: 'en',
  rules: [] as string[],
}
