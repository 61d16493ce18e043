import type { Action } from '../../permissions/may.ts'

/** A route, with the right that it needs. An act changes something: only a form of this server can ask for it. */
export interface Route extends Action {
  method: 'GET' | 'POST'
  /** Below the folder of the server; the door is below the base of the site. */
  path: string
}

/**
 * Every route of `runbook serve`. The app registers these and no others; the tests attack each act among them. The page of a
 * runbook or run needs the right for that one alone: see `pageAction`.
 */
export const routes = {
  door: { method: 'GET', path: '~open/', verb: 'open', on: 'some', act: false },
  open: { method: 'POST', path: '~open/', verb: 'open', on: 'some', act: true },
  person: { method: 'POST', path: 'me', verb: 'self', on: 'some', act: true },
  changes: { method: 'GET', path: 'runs/:run/changes', verb: 'read', on: 'run', act: false },
  preview: { method: 'GET', path: 'runs/:run/rollback/', verb: 'read', on: 'run', act: false },
  // Its answer waits for the signature, where one is asked for.
  answer: { method: 'POST', path: 'runs/:run/answer', verb: 'answer', on: 'run', act: true, signed: true },
  decide: { method: 'POST', path: 'runs/:run/decide', verb: 'decide', on: 'run', act: true },
  signing: { method: 'GET', path: 'runs/:run/sign/:step/:person', verb: 'decide', on: 'run', act: false },
  sign: {
    method: 'POST',
    path: 'runs/:run/sign/:step/:person',
    verb: 'decide',
    on: 'run',
    act: true,
    signed: true,
  },
  attesting: { method: 'GET', path: 'runs/:run/attest', verb: 'answer', on: 'run', act: false },
  attest: { method: 'POST', path: 'runs/:run/attest', verb: 'answer', on: 'run', act: true, signed: true },
  stop: { method: 'POST', path: 'runs/:run/stop', verb: 'stop', on: 'run', act: true },
  resume: { method: 'POST', path: 'runs/:run/resume', verb: 'run', on: 'run', act: true },
  rollback: { method: 'POST', path: 'runs/:run/rollback', verb: 'answer', on: 'run', act: true },
  watch: { method: 'POST', path: 'runs/:run/watch', verb: 'answer', on: 'run', act: true },
  start: { method: 'POST', path: 'start/:slug{.+}', verb: 'run', on: 'runbook', act: true },
  page: { method: 'GET', path: '*', verb: 'read', on: 'all', act: false },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes

/**
 * The routes of a hub of a team beside these: a takeover, the withdrawal of an order, and for each act that runners heed the page where it is signed. The
 * wish for an act needs no signature yet, so the level of the step is asked for where it is signed.
 */
export const teamRoutes = {
  takeover: {
    method: 'POST',
    path: 'runs/:run/takeover',
    verb: 'answer',
    on: 'run',
    act: true,
    signed: true,
  },
  withdraw: { method: 'POST', path: 'runs/:run/withdraw', verb: 'stop', on: 'run', act: true },
  start: { method: 'GET', path: 'order/:run/:slug{.+}', verb: 'run', on: 'runbook', act: false },
  resume: { method: 'GET', path: 'runs/:run/resume/sign', verb: 'run', on: 'run', act: false },
  rollback: { method: 'GET', path: 'runs/:run/rollback/sign', verb: 'answer', on: 'run', act: false },
  watch: { method: 'GET', path: 'runs/:run/watch/sign', verb: 'answer', on: 'run', act: false },
  takeoverPage: { method: 'GET', path: 'runs/:run/takeover/sign', verb: 'answer', on: 'run', act: false },
} as const satisfies Record<string, Route>
