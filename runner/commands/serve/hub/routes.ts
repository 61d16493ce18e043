import type { Route } from '../routes.ts'

/**
 * The routes that a hub has beside those of `runbook serve`, below the base of the site. Those that a token opens are
 * `mcp` and `alerts`, which judge the runbook of each request again, and `metrics`.
 */
export const hubRoutes = {
  health: { method: 'GET', path: 'healthz', verb: 'open', on: 'some', act: false },
  login: { method: 'GET', path: 'login', verb: 'open', on: 'some', act: false },
  callback: { method: 'GET', path: 'callback', verb: 'open', on: 'some', act: false },
  backchannel: { method: 'POST', path: 'backchannel-logout', verb: 'open', on: 'some', act: true },
  logout: { method: 'POST', path: 'logout', verb: 'self', on: 'some', act: true },
  account: { method: 'GET', path: 'account/', verb: 'self', on: 'some', act: false },
  passkey: { method: 'GET', path: 'account/passkey', verb: 'self', on: 'some', act: false },
  newPasskey: { method: 'POST', path: 'account/passkey', verb: 'self', on: 'some', act: true },
  makeToken: { method: 'POST', path: 'account/tokens', verb: 'self', on: 'some', act: true },
  replaceToken: { method: 'POST', path: 'account/tokens/replace', verb: 'self', on: 'some', act: true },
  dropToken: { method: 'POST', path: 'account/tokens/revoke', verb: 'self', on: 'some', act: true },
  admin: { method: 'GET', path: 'admin/', verb: 'admin', on: 'all', act: false },
  revokeToken: { method: 'POST', path: 'admin/tokens/revoke', verb: 'admin', on: 'all', act: true },
  endSessions: { method: 'POST', path: 'admin/sessions/end', verb: 'admin', on: 'all', act: true },
  orders: { method: 'GET', path: 'orders/', verb: 'read', on: 'some', act: false },
  fleet: { method: 'GET', path: 'orders/:fleet/', verb: 'read', on: 'some', act: false },
  runners: { method: 'GET', path: 'runners/', verb: 'read', on: 'all', act: false },
  metrics: { method: 'GET', path: 'metrics', verb: 'read', on: 'all', act: false },
  alerts: { method: 'POST', path: 'alerts', verb: 'alert', on: 'some', act: true },
  mcp: { method: 'POST', path: 'mcp', verb: 'read', on: 'some', act: true },
} as const satisfies Record<string, Route>

export type HubRouteName = keyof typeof hubRoutes
