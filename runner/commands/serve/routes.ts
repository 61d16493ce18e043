/** The right that a route needs, in the words of the rights of people. */
type Verb = 'open' | 'read' | 'run' | 'answer' | 'decide' | 'stop'

export interface Route {
  method: 'GET' | 'POST'
  /** Below the folder of the server; the door is below the base of the site. */
  path: string
  verb: Verb
  /** Whether it changes anything. Only a form of this server can ask for it. */
  act: boolean
}

/** Every route of `runbook serve`. The app registers these and no others; the tests attack each act among them. */
export const routes = {
  door: { method: 'GET', path: '~open/', verb: 'open', act: false },
  open: { method: 'POST', path: '~open/', verb: 'open', act: true },
  person: { method: 'POST', path: 'me', verb: 'open', act: true },
  changes: { method: 'GET', path: 'runs/:run/changes', verb: 'read', act: false },
  preview: { method: 'GET', path: 'runs/:run/rollback/', verb: 'read', act: false },
  answer: { method: 'POST', path: 'runs/:run/answer', verb: 'answer', act: true },
  decide: { method: 'POST', path: 'runs/:run/decide', verb: 'decide', act: true },
  signing: { method: 'GET', path: 'runs/:run/sign/:step/:person', verb: 'decide', act: false },
  sign: { method: 'POST', path: 'runs/:run/sign/:step/:person', verb: 'decide', act: true },
  attesting: { method: 'GET', path: 'runs/:run/attest', verb: 'answer', act: false },
  attest: { method: 'POST', path: 'runs/:run/attest', verb: 'answer', act: true },
  stop: { method: 'POST', path: 'runs/:run/stop', verb: 'stop', act: true },
  resume: { method: 'POST', path: 'runs/:run/resume', verb: 'run', act: true },
  rollback: { method: 'POST', path: 'runs/:run/rollback', verb: 'answer', act: true },
  watch: { method: 'POST', path: 'runs/:run/watch', verb: 'answer', act: true },
  start: { method: 'POST', path: 'start/:slug{.+}', verb: 'run', act: true },
  page: { method: 'GET', path: '*', verb: 'read', act: false },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
