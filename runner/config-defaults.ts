import type { Presence } from './model/people/presence-level.ts'

/** Addresses of the receivers that are told about runs. */
export interface Telemetry {
  /** Takes a trace for each run that ends, as OTLP/JSON. */
  traces?: string | undefined
  /** Takes the lifecycle of runs as CloudEvents. */
  events?: string | undefined
}

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
  guide: true,
  rules: [] as string[],
  telemetry: {} as Telemetry,
}
