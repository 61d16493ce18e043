import { request } from 'node:http'
import { join } from 'node:path'
import { loadConfig } from '../../../runner/config.ts'
import type { Listening } from '../../../runner/http/listen.ts'
import { systemIo } from '../../../runner/kit/io.ts'
import { openHub } from '../../../runner/commands/serve/hub/open-hub.ts'
import { binary } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { client, hubOrigin } from './provider.ts'
import type { FaultyProvider } from './provider.ts'

export interface Reply {
  status: number
  text: string
  headers: Record<string, string | string[] | undefined>
}

export interface Sent {
  method?: string
  body?: string
  headers?: Record<string, string | undefined>
}

export interface TestHub extends Listening {
  /** A request to the hub as the proxy passes it on. */
  send(path: string, sent?: Sent): Promise<Reply>
  /** A browser with cookies of its own. */
  browser(): Browser
  /** The time of the hub, which tests move. */
  clock: { now: number }
}

/** The settings of a hub for runbook.config.ts, with its provider. */
export function hubConfig(issuer: string): string {
  return `export default { hub: ${JSON.stringify(hubOptions(issuer))} }\n`
}

export function hubOptions(issuer: string): object {
  return { origin: hubOrigin, issuer, clientId: client.id }
}

/** Starts a process of a hub in a workspace. Its clock is the real one until a test moves it. */
export async function startHub(
  { root }: Pick<Workspace, 'root'>,
  env: Record<string, string> = {},
): Promise<TestHub> {
  // Runs are started as the installed program.
  const [, program = ''] = process.argv
  process.argv[1] = binary
  const io = {
    ...systemIo({ json: false, quiet: true, noInput: true, noColor: true }),
    cwd: root,
    env: { ...process.env, RUNBOOK_SIGNING_KEY: 'none', RUNBOOK_OIDC_SECRET: client.secret, ...env },
  }
  const config = await loadConfig(root, io.env)
  let moved = 0
  const clock = {
    get now() {
      return Date.now() + moved
    },
    set now(at: number) {
      moved = at - Date.now()
    },
  }
  const now = (): number => clock.now
  const hub = await openHub({
    config,
    io,
    site: join(root, 'site'),
    host: '127.0.0.1',
    port: 0,
    now,
    cancelled: new AbortController().signal,
  })
  const send = sendTo(hub.port)
  return {
    ...hub,
    send,
    browser: () => makeBrowser(send),
    clock,
    async close() {
      process.argv[1] = program
      await hub.close()
    },
  }
}

/** Requests to the hub at a port, as the proxy passes them on. */
export function sendTo(port: number): TestHub['send'] {
  return (path: string, { method = 'GET', body, headers = {} }: Sent = {}): Promise<Reply> =>
    new Promise((done, failed) => {
      const given = Object.entries({ host: new URL(hubOrigin).host, ...headers }).filter(
        (header): header is [string, string] => header[1] !== undefined,
      )
      const sent = request(
        { host: '127.0.0.1', port, path, method, headers: Object.fromEntries(given), agent: false },
        (response) => {
          let text = ''
          response.on('data', (bytes: Buffer) => (text += String(bytes)))
          response.on('end', () =>
            done({ status: response.statusCode ?? 0, text, headers: response.headers }),
          )
        },
      )
      sent.on('error', failed)
      sent.end(body)
    })
}

export interface Browser {
  cookies: Map<string, string>
  get(address: string, headers?: Record<string, string>): Promise<Reply>
  /** Sends a form of the hub as a browser does. */
  post(
    path: string,
    fields: Record<string, string>,
    headers?: Record<string, string | undefined>,
  ): Promise<Reply>
  /** Sends the form of a page whose action ends so, with more fields. */
  submit(path: string, ending: string, more?: Record<string, string>): Promise<Reply>
  /** The hidden fields of that form. */
  form(path: string, ending: string): Promise<{ action: string; fields: Record<string, string> }>
  /** Signs in by the provider, and returns the last answer. */
  signIn(next?: string): Promise<Reply>
}

/** Follows addresses of the hub and of the provider, with the cookies of each. */
export function makeBrowser(
  send: (path: string, sent?: Sent) => Promise<Reply>,
  cookies = new Map<string, string>(),
): Browser {
  const elsewhere = new Map<string, string>()
  const header = (jar: Map<string, string>): string | undefined =>
    jar.size === 0 ? undefined : [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const keep = (jar: Map<string, string>, lines: readonly string[]): void => {
    for (const line of lines) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
  }
  const own = async (path: string, sent: Sent = {}): Promise<Reply> => {
    const reply = await send(path, { ...sent, headers: { cookie: header(cookies), ...sent.headers } })
    keep(cookies, [reply.headers['set-cookie'] ?? []].flat())
    return reply
  }
  const self: Browser = {
    cookies,
    get: (address, headers = {}) => own(address, { headers }),
    post: (path, fields, headers = {}) =>
      own(path, {
        method: 'POST',
        body: String(new URLSearchParams(fields)),
        headers: {
          origin: hubOrigin,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
      }),
    async form(path, ending) {
      const { text } = await self.get(path)
      const forms = [...text.matchAll(/<form[^>]* action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)]
      const [, action = '', inside = ''] = forms.find(([, to = '']) => to.endsWith(ending)) ?? []
      if (action === '') throw new Error(`No form for ${ending} in ${text.slice(0, 3000)}`)
      const hidden = inside.matchAll(/<input\s+type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"/g)
      return {
        action,
        fields: Object.fromEntries([...hidden].map(([, name = '', value = '']) => [name, value])),
      }
    },
    async submit(path, ending, more = {}) {
      const { action, fields } = await self.form(path, ending)
      return self.post(action, { ...fields, ...more })
    },
    async signIn(next = '/account/') {
      let reply = await own(`/login?next=${encodeURIComponent(next)}`)
      for (let hops = 0; hops < 12 && reply.status >= 300 && reply.status < 400; hops++) {
        const to = new URL(String(reply.headers['location']), hubOrigin)
        if (to.origin === hubOrigin) {
          reply = await own(to.pathname + to.search)
          continue
        }
        const answer = await fetch(to, {
          redirect: 'manual',
          headers: elsewhere.size === 0 ? {} : { cookie: header(elsewhere) ?? '' },
        })
        keep(elsewhere, answer.headers.getSetCookie())
        const location = new URL(answer.headers.get('location') ?? '', to)
        reply = {
          status: answer.status,
          text: await answer.text(),
          headers: { location: location.href },
        }
      }
      return reply
    },
  }
  return self
}

/** A browser whose person signed in at a provider that believes everybody. */
export async function enter(hub: TestHub, provider: FaultyProvider, subject: string): Promise<Browser> {
  const browser = hub.browser()
  provider.fault = { claims: { sub: subject } }
  const reply = await comeBack(browser, provider)
  if (reply.status !== 303) throw new Error(`${subject} is not let in: ${reply.status} ${reply.text}`)
  provider.fault = {}
  return browser
}

/** Begins a sign-in and comes back with the answer of the provider. */
export async function comeBack(browser: Browser, provider: FaultyProvider): Promise<Reply> {
  const { headers } = await browser.get('/login')
  const query = provider.answer(new URL(String(headers['location'])))
  return browser.get(`/callback?${query}`)
}
