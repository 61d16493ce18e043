import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { parseDuration } from '../../runner/model/values/duration.ts'
import { incidentSchema } from '../../runner/status/incident-file.ts'
import type { Incident } from '../../runner/status/incident-file.ts'
import { nag } from '../../scripts/programs/incident/nag.ts'
import { hide } from '../../scripts/lib/hide.ts'
import { deliver, letters } from '../../scripts/programs/notify/outbox.ts'
import { readSeverities } from '../../scripts/programs/notify/severity-channels.ts'
import { fill, readTemplates } from '../../scripts/programs/notify/message-template.ts'
import { mailSink } from '../support/servers/mail-sink.ts'
import type { MailSink } from '../support/servers/mail-sink.ts'
import { cleanUp, startScript, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'

const SECRET = 'canary-5f1d'
let dir: string
let posts: { path: string; body: Record<string, unknown>; key: string | undefined }[] = []
let statuses: number[] = []
let web: Server
let sink: MailSink
let env: Record<string, string>

beforeAll(async () => {
  web = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const status = statuses.shift() ?? 202
      const key = request.headers['idempotency-key']
      if (status < 300)
        posts.push({
          path: request.url ?? '',
          body: JSON.parse(text) as Record<string, unknown>,
          key: String(key),
        })
      // A service may repeat the address or the key; here they stand where a quoted answer is cut.
      const words =
        status < 300 ? '' : `${'x'.repeat(182 - String(status).length)} services/${SECRET} ${SECRET}`
      response.writeHead(status, { 'retry-after': '0' }).end(`{"status":"${status}"}${words}`)
    })
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  sink = await mailSink()
  const port = (web.address() as AddressInfo).port
  env = {
    PAGERDUTY_URL: `http://127.0.0.1:${port}/v2/enqueue`,
    PAGERDUTY_ROUTING_KEY: SECRET,
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${port}/services/${SECRET}`,
    SMTP_URL: `smtp://mailer:${SECRET}@127.0.0.1:${sink.port}`,
  }
})
afterAll(async () => {
  web.close().closeAllConnections()
  await sink.close()
  await cleanUp()
})
beforeEach(async () => {
  dir = await tempDir()
  posts = []
  sink.mails = []
  statuses = []
  sink.refusing = false
  const people = ['ann', 'bob'].map((name) => `  ${name}@customer.example: { roles: [enterprise-contact] }\n`)
  writeFileSync(
    join(dir, 'people.yaml'),
    `people:\n${people.join('')}  eve@example.com: { roles: [executive] }\n`,
  )
})

async function notify(args: readonly string[], extra: Record<string, string> = {}): Promise<Ran> {
  const before = { ...process.env }
  Object.assign(process.env, env, extra)
  const files = ['--outbox', join(dir, 'outbox'), '--people', join(dir, 'people.yaml')]
  const { ended } = startScript('notify.ts', [...args, ...files])
  process.env = before
  return await ended
}

const variables = {
  id: 'INC-1',
  severity: 'P1',
  component: 'API',
  status: 'investigating',
  next: '20m',
  link: 'https://status.example/1',
}
const vars = Object.entries(variables).flatMap(([key, value]) => ['--var', `${key}=${value}`])
const event = (key: string, severity: string): string[] => [
  'send',
  '--event',
  key,
  '--severity',
  severity,
  '--template',
  'investigating',
  '--incident',
  'INC-1',
  '--link',
  variables.link,
  ...vars,
]

test.each([
  ['investigating', 'looking into it', true],
  ['identified', 'found the cause', true],
  ['monitoring', 'we are watching it', true],
  ['resolved', 'is over', false],
] as const)('the mail of an incident that is %s says that', async (said, words, promises) => {
  const about = ['--template', said, ...vars.map((word) => word.replace(/^status=.*/, `status=${said}`))]
  const ran = await notify(['send', '--event', `mail-${said}`, '--channel', 'enterprise', ...about])
  expect(ran.code, ran.stderr).toBe(0)
  expect(sink.mails).toHaveLength(2)
  for (const { text } of sink.mails) {
    expect(text).toContain(words)
    expect(text.includes('next update')).toBe(promises)
  }
})

test('P1 pages, tells the team, and mails the executives and every enterprise contact once; P2 tells the team alone', async () => {
  expect((await notify(event('e1', 'P1'))).code).toBe(0)
  expect(posts.map(({ path }) => path)).toEqual(['/v2/enqueue', `/services/${SECRET}`])
  expect(sink.mails.map(({ to }) => to[0])).toEqual([
    'eve@example.com',
    'ann@customer.example',
    'bob@customer.example',
  ])
  expect(sink.mails[1]?.text).toContain('Subject: Incident INC-1: API')
  await notify(event('e2', 'P2'))
  expect(posts).toHaveLength(3)
  expect(sink.mails).toHaveLength(3)
})

test('a pager gets its key, the incident it is about and the link; a resolve closes that one', async () => {
  await notify([...event('e1', 'P1'), '--channel', 'page'])
  await notify([...event('e2', 'P1'), '--channel', 'page', '--action', 'resolve'])
  expect(posts[0]?.body).toMatchObject({
    routing_key: SECRET,
    event_action: 'trigger',
    dedup_key: 'INC-1',
    payload: { severity: 'error', source: 'runbook' },
    links: [{ href: variables.link, text: 'Read more' }],
  })
  expect(posts[1]?.body).toEqual({ routing_key: SECRET, event_action: 'resolve', dedup_key: 'INC-1' })
})

test('the same event sends one message, however often and by how many at once it is called', async () => {
  await Promise.all([1, 2, 3].map(() => notify(event('e1', 'P2'))))
  const again = await notify(event('e1', 'P2'))
  expect(again.stdout).toContain('= sent before team')
  expect(posts).toHaveLength(1)
})

test('what fails is told, fails nothing, waits, and is sent by a retry', async () => {
  statuses = [500, 500, 500]
  sink.refusing = true
  const ran = await notify(event('e1', 'P1'))
  expect(ran.code).toBe(0)
  expect(ran.stdout).toContain('NOT SENT')
  expect(sink.mails).toHaveLength(0)
  expect((await notify(['list', '--strict'])).code).toBe(1)
  sink.refusing = false
  statuses = []
  const retried = await notify(['retry'])
  expect(retried.stdout, retried.stdout).not.toContain('NOT SENT')
  expect(sink.mails).toHaveLength(3)
  expect((await notify(['list', '--strict'])).code).toBe(0)
})

test('a server that asks for patience is asked again', async () => {
  statuses = [429, 429]
  await notify(event('e1', 'P2'))
  expect(posts).toHaveLength(1)
})

test('what was being sent when its process died is not sent again where the receiver would show it twice', async () => {
  const letter = {
    event: 'e',
    channel: 'team',
    to: '',
    message: { subject: 's', body: 'b' },
    link: '',
    severity: '',
    action: 'trigger',
    subject: 'e',
  } as const
  await deliver(dir, letter, () => Promise.reject(new Error('killed')), false).catch(() => undefined)
  expect(letters(dir)[0]?.state).toBe('sending')
  let sent = 0
  const again = await deliver(
    dir,
    letter,
    () => Promise.resolve({ state: sent++ === 0 ? 'sent' : 'sent' }),
    false,
  )
  expect(again.letter.state).toBe('unknown')
  expect(sent).toBe(0)
  const pager = await deliver(dir, letter, () => Promise.resolve({ state: 'sent' }), true)
  expect(pager.letter.state).toBe('sent')
})

test('no secret is printed or kept, whatever goes wrong', async () => {
  sink.refusing = true
  statuses = Array<number>(20).fill(403)
  const ran = await notify(event('e1', 'P0'))
  const down = await notify(event('e2', 'P0'), {
    SMTP_URL: `smtp://mailer:${SECRET}@127.0.0.1:1`,
    SLACK_WEBHOOK_URL: `http://127.0.0.1:1/${SECRET}`,
  })
  const kept = readdirSync(join(dir, 'outbox')).map((name) => readFileSync(join(dir, 'outbox', name), 'utf8'))
  const modes = ['', ...readdirSync(join(dir, 'outbox'))].map(
    (name) => statSync(join(dir, 'outbox', name)).mode & 0o777,
  )
  expect(new Set(modes)).toEqual(new Set([0o700, 0o600]))
  const text = [ran.stdout, ran.stderr, down.stdout, down.stderr, ...kept].join('\n')
  expect(text).toContain('NOT SENT')
  expect(text).not.toContain(SECRET.slice(0, 4))
  expect(hide(`bad ${encodeURIComponent('p@ss word')} p@ss word`, ['smtp://u:p%40ss%20word@h'])).toBe(
    'bad [redacted] [redacted]',
  )
  expect(hide('bad 50%off', ['smtp://u:50%off@h'])).toBe('bad [redacted]')
  const path = 'services/T0/B0/made-up-path'
  for (const form of [btoa(path), JSON.stringify(path).replaceAll('/', String.raw`\/`)])
    expect(hide(form, [`https://hooks.example/${path}`])).not.toContain(form.slice(2, -2))
})

test('nothing is sent when one of the texts would have a hole, and every hole is named', async () => {
  const ran = await notify([
    'send',
    '--event',
    'e',
    '--severity',
    'P1',
    '--template',
    'investigating',
    '--var',
    'component=API',
  ])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain('next is missing')
  expect(posts).toEqual([])
})

const templates = readTemplates('content/status/templates.yaml')
test.each([
  ['investigating', { component: 'API', next: 'soon' }, 'no duration'],
  ['investigating', { component: '[Component name]', next: '20m' }, 'no text'],
  ['maintenance', { component: 'API', from: 'tonight', until: '2026-12-01T00:00:00Z' }, 'no time'],
  ['apology', { component: 'API', lasted: '20m', link: 'see below' }, 'no url'],
  [
    'user-notice',
    { product: 'Shop', version: 'newest', impact: 'none', workaround: 'TODO', next: '4h' },
    'no version',
  ],
])('a value of another type is refused: %s %j', (name, values, why) => {
  expect(() => fill(templates, name, values)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(why) as string }),
  )
})

test('both presets have the times of their matrix', () => {
  const minutes = (text: string | undefined): number => (parseDuration(text ?? '0s') ?? 0) / 60_000
  const times = (preset: string): [string, number, number][] =>
    readSeverities('content/severities.yaml', preset).severities.map(({ id, respond, resolve }) => [
      id,
      minutes(respond),
      minutes(resolve),
    ])
  expect(times('response-times')).toEqual([
    ['P0', 5, 0],
    ['P1', 15, 0],
    ['P2', 60, 0],
    ['P3', 1440, 0],
  ])
  expect(times('resolution-times')).toEqual([
    ['P0', 15, 240],
    ['P1', 60, 1440],
    ['P2', 240, 10_080],
  ])
})

const openedAt = Date.parse('2026-11-21T09:00:00Z')
const opened = (changes: object[] = [], updates: object[] = []): Incident =>
  incidentSchema.parse({
    id: 'INC-1',
    title: 'Slow answers',
    impact: 'major',
    severity: 'P0',
    startedAt: new Date(openedAt).toISOString(),
    changes,
    updates: [
      { id: 'u1', at: new Date(openedAt).toISOString(), status: 'investigating', body: '', by: 'ann' },
      ...updates,
    ],
  })

async function nagAt(minute: number, incident: Incident): Promise<void> {
  const before = { ...process.env }
  Object.assign(process.env, env)
  const people = join(dir, 'people.yaml')
  const roles = ['on-call', 'devops-lead', 'engineering-manager']
  const list = roles.map((role) => `  ${role}@example.com: { roles: [${role}] }\n`)
  writeFileSync(people, `people:\n${list.join('')}`)
  await nag(incident, openedAt + minute * 60_000, {
    rules: readSeverities('content/severities.yaml'),
    severity: 'P1',
    outbox: join(dir, 'outbox'),
    people,
    templates: 'content/status/templates.yaml',
    channel: 'team',
  })
  process.env = before
}

test('three are called after 5, 15 and 30 minutes, each once, until somebody takes command', async () => {
  for (const minute of [4, 5, 6, 15, 16, 29, 30, 31, 90]) await nagAt(minute, opened())
  expect(sink.mails.map(({ to }) => to[0])).toEqual([
    'on-call@example.com',
    'devops-lead@example.com',
    'engineering-manager@example.com',
  ])
  sink.mails = []
  const at = new Date(openedAt + 10 * 60_000).toISOString()
  const taken = opened([{ at, by: 'bob', what: 'role', role: 'commander', to: 'bob' }])
  await nagAt(90, { ...taken, id: 'INC-2' })
  expect(sink.mails.map(({ to }) => to[0])).toEqual(['on-call@example.com'])
})

test('an update that is late is told once, a late next one again, and one that was promised later is waited for', async () => {
  const commander = [
    { at: new Date(openedAt).toISOString(), by: 'bob', what: 'role', role: 'commander', to: 'bob' },
  ]
  const late = opened(commander)
  for (const minute of [19, 21, 22]) await nagAt(minute, late)
  expect(posts.map(({ body }) => body['text'])).toEqual([
    '*P0* P0 INC-1, Slow answers: update is overdue by 1m.',
  ])
  const told = { id: 'u2', status: 'identified', body: '', by: 'bob' }
  const at = new Date(openedAt + 22 * 60_000).toISOString()
  const next = new Date(openedAt + 82 * 60_000).toISOString()
  await nagAt(50, opened(commander, [{ ...told, at, next }]))
  expect(posts).toHaveLength(1)
  await nagAt(50, opened(commander, [{ ...told, at }]))
  expect(posts).toHaveLength(2)
})

test('what is sent keeps the limits and the escapes of each service', async () => {
  const incident = `INC-${'x'.repeat(300)}`
  const link = 'https://r.example.com/a|b>?x=1&y=<2'
  const args = ['send', '--event', 'long', '--severity', 'P1', '--channel', 'page', '--channel', 'team']
  const more = ['--incident', incident, '--link', link, '--template', 'investigating']
  const values = ['--var', 'component=api <!channel> & co', '--var', 'next=20m']
  expect((await notify([...args, ...more, ...values])).code).toBe(0)
  const sent = (path: RegExp): Record<string, unknown> =>
    posts.find((post) => path.test(post.path))?.body ?? {}
  const key = String(sent(/enqueue/)['dedup_key'])
  expect(key).toHaveLength(255)
  expect(key.startsWith('INC-xxx')).toBe(true)
  const text = String(sent(/services/)['text'])
  expect(text).toContain('api &lt;!channel&gt; &amp; co')
  expect(text.split('\n').at(-1)).toBe('<https://r.example.com/a%7Cb%3E?x=1&amp;y=%3C2|Read more>')
  posts = []
  await notify([
    'send',
    '--event',
    'other',
    ...args.slice(3),
    '--incident',
    `${incident}y`,
    ...more.slice(2),
    ...values,
  ])
  expect(String(sent(/enqueue/)['dedup_key'])).not.toBe(key)
})
