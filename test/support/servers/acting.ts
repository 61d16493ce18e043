import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { readAsked } from '../../../runner/engine/people/asked.ts'
import type { Asked } from '../../../runner/engine/people/asked.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import type { StoredRun } from '../../../runner/journal/record/run-store.ts'
import { patienceMs } from '../patience.ts'
import { binary } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'

/** Pages in the frames of which a server shows runs: as a built site has them, and nothing else. */
export const frames = (slugs: readonly string[]): Record<string, string> => {
  const frame = (article: string): string =>
    `<!doctype html><html lang="en"><head><title>x</title></head><body>${article}<footer></footer></body></html>`
  return {
    'site/_headers': "/*\n  Content-Security-Policy: default-src 'none';frame-ancestors 'none'\n",
    'site/index.html': frame('<article></article>'),
    'site/runs/index.html': frame('<article></article>'),
    'site/runs/live/index.html': frame('<article></article>'),
    ...Object.fromEntries(
      slugs.map((slug) => [
        `site/runbooks/${slug}/index.html`,
        frame('<article><div data-start hidden></div></article>'),
      ]),
    ),
  }
}

interface Reply {
  status: number
  text: string
  headers: Record<string, string | string[] | undefined>
}

interface Sent {
  method?: string
  cookie?: string
  body?: string
  headers?: Record<string, string>
}

/** A form of a page: where it goes and what is in it. */
export interface Form {
  action: string
  fields: Record<string, string>
}

export interface ActingServer {
  child: ChildProcess
  origin: string
  folder: string
  /** The cookie of the first browser. */
  cookie: string
  send(path: string, sent?: Sent): Promise<Reply>
  /** Lets another browser in, and returns its cookie. */
  another(): Promise<string>
  /** The form of a page whose action ends so. */
  form(path: string, ending: string, cookie?: string): Promise<Form>
  /** Sends a form as a browser does. */
  post(form: Form, more?: Record<string, string>, cookie?: string): Promise<Reply>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts `runbook serve` in a workspace; `site` is the folder of its pages. */
export async function startActing(
  { root }: Pick<Workspace, 'root'>,
  env: Record<string, string> = {},
  site = 'site',
): Promise<ActingServer> {
  const child = spawn(process.execPath, [binary, 'serve', '--site', site, '--port', '0', '--json'], {
    cwd: root,
    env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com', RUNBOOK_SIGNING_KEY: 'none', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (): Promise<URL> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('`runbook serve` ended before it printed an address')
    return new URL((JSON.parse(value) as { address: string }).address)
  }
  let door = await next()
  const { origin, host, hostname, port } = door

  const raw = (path: string, { method = 'GET', cookie = '', body, headers }: Sent = {}): Promise<Reply> =>
    new Promise((done, failed) => {
      const all = { host, ...(cookie === '' ? {} : { cookie }), ...headers }
      const sent = request({ hostname, port, path, method, headers: all, agent: false }, (response) => {
        let text = ''
        response.on('data', (bytes: Buffer) => (text += String(bytes)))
        response.on('end', () => done({ status: response.statusCode ?? 0, text, headers: response.headers }))
      })
      sent.on('error', failed)
      sent.end(body)
    })
  const own = { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  async function letIn(): Promise<{ cookie: string; folder: string }> {
    const body = String(new URLSearchParams({ token: door.hash.slice(1) }))
    const { headers } = await raw(door.pathname, { method: 'POST', body, headers: own })
    door = await next()
    return {
      cookie: (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '',
      folder: String(headers['location']),
    }
  }
  const { cookie, folder } = await letIn()
  return {
    child,
    origin,
    folder,
    cookie,
    send: (path, sent = {}) => raw(folder + path, { cookie, ...sent }),
    another: async () => (await letIn()).cookie,
    async form(path, ending, as = cookie) {
      const { text } = await raw(folder + path, { cookie: as })
      const forms = [...text.matchAll(/<form[^>]* action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)]
      const [, action = '', inside = ''] = forms.find(([, to = '']) => to.endsWith(ending)) ?? []
      if (action === '') throw new Error(`No form for ${ending} in ${text.slice(0, 3000)}`)
      const hidden = inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
      return {
        action,
        fields: Object.fromEntries([...hidden].map(([, name = '', value = '']) => [name, value])),
      }
    },
    post({ action, fields }, more = {}, as = cookie) {
      const body = String(new URLSearchParams({ ...fields, ...more }))
      return raw(action, { method: 'POST', cookie: as, body, headers: own })
    },
    stop: (signal = 'SIGINT') =>
      new Promise((done) => {
        child.once('close', () => done())
        child.kill(signal)
      }),
  }
}

/** Waits until a run asks something on a topic that begins so. */
export async function untilAsked({ root }: Workspace, run: string, topic: string): Promise<Asked> {
  return until(root, run, ({ folder, events }) => {
    const asked = readAsked(folder, events)
    return asked?.topic.startsWith(topic) ? asked : undefined
  })
}

/** Waits until a run has ended, and returns it. */
export async function untilEnded({ root }: Workspace, run: string): Promise<StoredRun> {
  return until(root, run, (stored) => (stored.state.endedAt === undefined ? undefined : stored))
}

async function until<T>(root: string, run: string, look: (stored: StoredRun) => T | undefined): Promise<T> {
  for (const started = Date.now(); ;) {
    const stored = readRun(join(root, '.runbook'), run)
    const result = look(stored)
    if (result !== undefined) return result
    if (Date.now() - started > patienceMs)
      throw new Error(`It waits at ${JSON.stringify(stored.events.slice(-2))}`)
    await sleep(20)
  }
}
