import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { checkPostmortem } from '../../runner/postmortem/check-postmortem.ts'
import { readIncidents } from '../../runner/status/read-incidents.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, runScript, startLab, startScript, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { mailSink } from '../support/servers/mail-sink.ts'
import type { MailSink } from '../support/servers/mail-sink.ts'
import { hasTerminal, keys, onTerminal } from '../support/terminal.ts'
import { runIn } from '../support/workspace.ts'
import type { Ran } from '../support/workspace.ts'
import { patienceMs } from '../support/patience.ts'

// Many processes one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
let lab: RunningLab
let page: string
let sink: MailSink
let answers: string[]

beforeAll(async () => {
  lab = await startLab(await tempDir(), '--load', '200')
  sink = await mailSink()
  page = join(lab.dir, 'status')
  mkdirSync(join(page, 'incidents'), { recursive: true })
  copyFileSync(join(root, 'content/status/components.yml'), join(page, 'components.yml'))
  const done = ['diagnose', 'mitigate', 'procedure-p1', 'learn', 'since', 'may-end', 'tell', 'after']
    .map((id) => `  ${id}: done\n`)
    .join('')
  writeFileSync(
    join(lab.dir, 'answers.yaml'),
    `actor: test@example.com\nanswers:\n${done}  end: { confirm: end }\n` +
      '  roles: { fields: { commander: ann, liaison: bob, scribe: ann } }\n' +
      '  way-back: { fields: { way: flag, what: ui_new_total } }\n' +
      '  why: { fields: { reason: It broke } }\n',
  )
  const flag = ['--key', 'ui_new_total', '--owner', 'web', '--on', '--dir', join(lab.dir, 'flags')]
  expect((await runScript('flags.ts', 'create', ...flag)).code).toBe(0)
  answers = ['--yes', '--answers', join(lab.dir, 'answers.yaml')]
})
afterAll(async () => {
  await sink.close()
  await cleanUp()
})

const env = (): Record<string, string> => ({
  RUNBOOK_STATE: join(lab.dir, 'state'),
  STATUS_DIR: page,
  SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
})
const runbook = (args: string[]): Promise<Ran> => runIn(root, args, env())
const given = (values: Record<string, string>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['-i', `${name}=${value}`])
const inputs = (): Record<string, string> => ({
  component: 'storefront',
  page,
  site: lab.url,
  lab: lab.admin,
  flags: join(lab.dir, 'flags'),
  kept: join(lab.dir, 'kept'),
  outbox: join(lab.dir, 'outbox'),
})

/** A draft with the words, the items and the review of people. */
const finished = (draft: string): string =>
  draft
    .replace('status: draft', 'status: closed')
    .replaceAll(/\{\/\*.*?\*\/\}/g, 'Words of those who were there.')
    .replace(
      '|  |  |  |  |',
      '| prevent | [Add a limit](https://git.example/shop/commit/0a1b2c3) | web | 2026-12-01 |',
    )
    .replace(/^reviewedBy:.*$/m, 'reviewedBy: frank@example.com')

test.skipIf(!hasTerminal)(
  'at a terminal one keystroke stands between the command and the first public message',
  async () => {
    const terminal = onTerminal(
      root,
      ['exec', 'incident', ...given({ ...inputs(), component: 'export', drill: 'true' })],
      env(),
    )
    await terminal.sees('Run declare?')
    expect(readIncidents(page)).toEqual([])
    terminal.type(keys.down + keys.enter)
    await terminal.sees('declare exited with code 0')
    const [incident] = readIncidents(page)
    expect(incident?.updates[0]?.body).toContain('looking into a problem with Export')
    expect(incident?.drill).toBe(true)
    await terminal.sees('Run call?')
    terminal.type(keys.interrupt)
    await terminal.ended
    const run = readdirSync(join(lab.dir, 'state/runs'))[0] ?? ''
    expect((await runbook(['abandon', run, '--reason', 'a test'])).code).toBe(0)
    rmSync(join(page, 'incidents', `${incident?.id}.md`))
  },
  60_000,
)

test('one command without a single answer tells users, and mails who is to know; what could not be sent stops nothing', async () => {
  const ran = await runbook(['exec', 'incident', ...given({ ...inputs(), severity: 'P1' }), '--yes'])
  expect(ran.code, ran.stderr).toBe(5)
  expect(ran.stderr).toContain('roles')
  const [incident] = readIncidents(page)
  expect(incident).toMatchObject({ severity: 'P1', impact: 'major' })
  expect(incident?.updates[0]?.body).toContain('The next update comes within 20m')
  expect(readdirSync(join(lab.dir, 'outbox')).length).toBeGreaterThan(0)
  expect(sink.mails.map(({ to }) => to[0])).toEqual(['frank@example.com', 'operations@customer.example'])
  expect(sink.mails[1]?.text).toContain(`Subject: Incident ${incident?.id}: storefront`)
  expect(sink.mails[1]?.text).toContain('are looking into it')
})

test('the six phases end with a green component, and the draft of the postmortem has times, targets, every command and the values from before', async () => {
  const ran = await runbook(['resume', readIncidents(page)[0]?.run ?? '', ...answers])
  expect(ran.code, ran.stderr).toBe(0)
  const [incident] = readIncidents(page)
  expect(incident?.updates.map(({ status }) => status)).toEqual([
    'investigating',
    'identified',
    'monitoring',
    'resolved',
  ])
  expect(incident?.changes.map(({ role, to }) => [role, to])).toEqual([
    ['commander', 'ann'],
    ['liaison', 'bob'],
    ['scribe', 'ann'],
  ])
  const run = incident?.run ?? ''
  const file = join(lab.dir, 'postmortem.mdx')
  const made = await runbook(['postmortem', run, '--out', file])
  expect(made.code, made.stderr).toBe(0)
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(/\| First public message \| 2\S+ \| .* \| 15m \| kept \|/)
  for (const words of [
    'told users (resolved)',
    'Tell users that we are looking',
    '“Tell users that it is over” passed',
    'commander: none → ann',
    'kill-switch: “Off for everybody”: ui&#95;new&#95;total in lab: 100 % → 0 %',
    '✕ NOT SENT team',
    '## Contributing factors',
  ])
    expect(text).toContain(words)
  expect(sink.mails.slice(2).map(({ to }) => to[0])).toEqual([
    'frank@example.com',
    'operations@customer.example',
  ])
  expect(sink.mails.at(-1)?.text).toContain('The problem with storefront is over')
  const again = await runbook(['postmortem', run, '--out', file])
  expect(again.code).toBe(2)
})

test('a closed postmortem with an empty part, or an action item without owner or day, is refused; a draft is not', () => {
  const text = readFileSync(join(lab.dir, 'postmortem.mdx'), 'utf8')
  expect(checkPostmortem(text, 'p.mdx')).toEqual([])
  const closed = text.replace('status: draft', 'status: closed')
  expect(checkPostmortem(closed, 'p.mdx')).toHaveLength(9)
  const filled = finished(text)
  expect(checkPostmortem(filled, 'p.mdx')).toEqual([])
  const alone = checkPostmortem(
    filled.replace('frank@example.com', /^author: "(.*)"$/m.exec(text)?.[1] ?? ''),
    'p.mdx',
  )
  expect(alone.map(({ message }) => message)).toEqual([
    expect.stringContaining('a person other than the author'),
  ])
  const unlinked = checkPostmortem(filled.replace('/commit/', '/wiki/'), 'p.mdx')
  expect(unlinked.map(({ message }) => message)).toEqual([
    expect.stringContaining('expected one that links to the change of the runbook'),
  ])
  const nobody = checkPostmortem(filled.replace('| web | 2026-12-01 |', '|  | soon |'), 'p.mdx')
  expect(nobody.map(({ message }) => message)).toEqual([
    'Unexpected action item, expected an owner; a day such as 2026-12-01',
  ])
})

test('an incident that requires a postmortem is not closed before its review, at the terminal, in the browser, or by its own command', async () => {
  const [incident] = readIncidents(page)
  const run = incident?.run ?? ''
  const file = join(root, 'content/postmortems', `${incident?.id}.mdx`)
  const own = ['incident', 'close', '--incident-id', incident?.id ?? '']
  const second = { ...env(), RUNBOOK_ACTOR: 'frank@example.com' }
  const ways = [own, ['close', run, '--yes'], ['close', run, '--browser']]
  const refusals = async () => {
    const all = []
    for (const way of ways) {
      const ran = await runIn(root, way, second)
      expect(ran.code).not.toBe(0)
      all.push(
        /requires a postmortem, and [^\n]*?(does not exist|is a draft|reviewedBy)/.exec(ran.stderr)?.[1] ??
          ran.stderr,
      )
    }
    return new Set(all)
  }
  expect(await refusals()).toEqual(new Set(['does not exist']))
  const draft = readFileSync(join(lab.dir, 'postmortem.mdx'), 'utf8')
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, draft)
    expect(await refusals()).toEqual(new Set(['is a draft']))
    const complete = finished(draft)
    writeFileSync(file, complete.replace(/^reviewedBy:.*$/m, 'reviewedBy:'))
    expect(await refusals()).toEqual(new Set(['reviewedBy']))
    writeFileSync(file, complete)
    const closed = await runIn(root, own, second)
    expect(closed.code, closed.stderr).toBe(0)
    const sha256 = createHash('sha256').update(complete).digest('hex')
    expect(readIncidents(page).find(({ id }) => id === incident?.id)?.closed).toMatchObject({
      postmortem: sha256,
    })
    expect((await runIn(root, own, second)).stdout).toMatch(/^= /)
    const sealed = await runIn(root, ['close', run, '--yes'], second)
    expect(sealed.stderr).not.toContain('requires a postmortem')
  } finally {
    rmSync(file, { force: true })
  }
})

test('check of a whole library refuses a postmortem that is called closed and is not', async () => {
  const content = join(lab.dir, 'content')
  cpSync(join(root, 'content/runbooks/kill-switch.mdx'), join(content, 'runbooks/kill-switch.mdx'), {
    recursive: true,
  })
  mkdirSync(join(content, 'postmortems'))
  const closed = readFileSync(join(lab.dir, 'postmortem.mdx'), 'utf8').replace(
    'status: draft',
    'status: closed',
  )
  writeFileSync(join(content, 'postmortems', 'INC-1.mdx'), closed)
  const ran = await runIn(root, ['check'], { RUNBOOK_CONTENT: join(content, 'runbooks') })
  expect(ran.code).toBe(3)
  expect(ran.stdout).toContain('[postmortem-unfinished]')
  expect(checkPostmortem('---\nstatus: [\n---\n', 'p.mdx')).toMatchObject([{ code: 'invalid-frontmatter' }])
})

test('stats count what ran on a lab as practice, and restore times by severity', async () => {
  const ran = await runbook(['stats', '--json'])
  const { real } = JSON.parse(ran.stdout) as { real: { name: string; of: number; good?: boolean }[] }
  expect(real.find(({ name }) => name === 'Time to restore, P1')).toMatchObject({ of: 1, good: true })
  expect(real.find(({ name }) => name === 'Releases')).toMatchObject({ of: 0 })
})

test('a maintenance is announced, begins at its time, and ends with every component green', async () => {
  const from = new Date(Date.now() + 1500).toISOString()
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const work = join(lab.dir, 'work.yaml')
  writeFileSync(work, 'actor: test@example.com\nanswers:\n  work: done\n')
  const values = { from, until, page, site: lab.url }
  const ran = await runbook(['exec', 'maintenance-window', ...given(values), '--yes', '--answers', work])
  expect(ran.code, ran.stderr).toBe(0)
  const entry = readIncidents(page).find(({ impact }) => impact === 'maintenance')
  expect(entry?.updates.map(({ status }) => status)).toEqual(['scheduled', 'in_progress', 'completed'])
  expect(entry?.updates[0]?.body).toMatch(/from \d{4}-\d\d-\d\d \d\d:\d\d UTC until/)
  expect(entry?.updates.map(({ components }) => components['import'])).toEqual([
    'operational',
    'under_maintenance',
    'operational',
  ])
})

test('one command tells users one thing, and another withdraws it', async () => {
  const say = (values: Record<string, string>) =>
    runbook(['exec', 'status-page-update', ...given({ ...values, page }), '--yes'])
  const message = 'Imports take longer than usual. Nothing is lost.'
  expect((await say({ component: 'import', message })).code).toBe(0)
  const ended = await say({ action: 'resolve', message: 'Imports are quick again.' })
  expect(ended.code, ended.stderr).toBe(0)
  const entry = readIncidents(page).find(({ title }) => title === message)
  expect(entry?.updates.map(({ status }) => status)).toEqual(['investigating', 'resolved'])
})

async function healthyGreen(): Promise<void> {
  const repository = join(lab.dir, 'storefront')
  const out = join(lab.dir, 'out')
  await runScript('build.ts', '--repository', repository, '--version', '1.4.0', '--out', out)
  await runScript(
    'deploy.ts',
    '--color',
    'green',
    '--artifact',
    join(out, 'storefront-1.4.0'),
    '--lab',
    lab.admin,
  )
  await runScript('traffic.ts', 'set', '--green', '100', '--lab', lab.admin)
}

test.each([
  ['traffic', 'none', { blue: 100, green: 0 }],
  ['full', '1.4.0', { blue: 0, green: 100 }],
])('an incident sends users back by the way %s of the rollback page', async (way, what, weights) => {
  if (way === 'traffic') await healthyGreen()
  const file = join(lab.dir, `${way}.yaml`)
  const text = readFileSync(join(lab.dir, 'answers.yaml'), 'utf8')
  writeFileSync(file, text.replace('way: flag, what: ui_new_total', `way: ${way}, what: ${what}`))
  const values = { ...inputs(), artifacts: join(lab.dir, 'out'), drill: 'true' }
  const ran = await runbook(['exec', 'incident', ...given(values), '--yes', '--answers', file])
  expect(ran.code, ran.stderr).toBe(0)
  expect((await lab.state()).traffic.weights).toEqual(weights)
})

test('a flag of one color’s environment is on there and off on the other, and turned off it is seen at once', async () => {
  await healthyGreen()
  const at = (color: string, on: boolean) => {
    const flag = ['--provider', 'env', '--key', 'FEATURE_BYPASS_LLM', '--environment', color]
    const where = ['--owner', 'web', '--dir', join(lab.dir, 'flags')]
    return runScript('flags.ts', 'create', ...flag, ...where, ...(on ? ['--on'] : []))
  }
  expect((await at('green', true)).code).toBe(0)
  expect((await at('blue', false)).code).toBe(0)
  const { colors } = await lab.state()
  const has = async (color: 'blue' | 'green') =>
    ((await (await fetch(`${colors[color].url}/features`)).json()) as Record<string, boolean>)[
      'FEATURE_BYPASS_LLM'
    ]
  await waitFor(
    async () => ((await has('green')) === true && (await has('blue')) === false ? true : undefined),
    patienceMs,
  )
  const echo = async (color: 'blue' | 'green') => {
    const started = performance.now()
    expect(await (await fetch(`${colors[color].url}/echo?message=ping`)).text()).toBe('pong')
    return performance.now() - started
  }
  // The first answer of each also opens a connection.
  await echo('green')
  expect(await echo('blue')).toBeGreaterThanOrEqual(499)
  expect(await echo('green')).toBeLessThan(await echo('blue'))
  const kill = ['kill', '--provider', 'env', '--key', 'FEATURE_BYPASS_LLM', '--environment', 'green']
  const killed = await runScript(
    'flags.ts',
    ...kill,
    '--dir',
    join(lab.dir, 'flags'),
    '--probe',
    `${colors.green.url}/features`,
    '--within',
    '60s',
  )
  expect(killed.code, killed.stderr).toBe(0)
  expect(await has('green')).toBe(false)
  rmSync(join(lab.dir, 'flags/green.env'))
  rmSync(join(lab.dir, 'flags/blue.env'))
})

test.each(['errors', 'latency'])(
  'users are moved away from a color with %s, and the page says when it is over',
  async (fault) => {
    await healthyGreen()
    await runScript('lab.ts', 'fault', fault, '--color', 'green', '--rate', '50%', '--lab', lab.admin)
    const slug = fault === 'errors' ? 'high-error-rate' : 'high-latency'
    const { colors } = await lab.state()
    const metrics = fault === 'errors' ? `${lab.admin}/metrics` : `${colors.blue.url}/metrics`
    const values = {
      color: 'green',
      lab: lab.admin,
      metrics,
      kept: lab.dir,
      watch: '4s',
      interval: '400ms',
    }
    const ran = await runbook(['exec', slug, ...given(values), ...answers])
    expect(ran.code, ran.stderr).toBe(0)
    expect((await lab.state()).traffic.weights).toEqual({ blue: 100, green: 0 })
    await runScript('lab.ts', 'fault', 'none', '--color', 'green', '--lab', lab.admin)
  },
)

test('the process that holds the database is named and ended, and the gate sees that it can be written', async () => {
  const file = join(lab.dir, 'orders.db')
  const holder = startScript('database.ts', ['hold', '--file', file])
  await holder.says(/holding/)
  const exporter = startScript('database.ts', ['watch', '--file', file, '--port', '0'])
  const metrics = await exporter.says(/http:\S+(?=\s)/)
  const locked = await runScript('database.ts', 'locks', '--file', file)
  expect(locked.code).toBe(1)
  expect(locked.stdout).toContain(`held by process ${holder.child.pid}`)
  const stranger = await runScript('database.ts', 'release', '--pid', String(process.pid), '--file', file)
  expect(stranger.stderr).toContain('does not hold')
  const values = { database: file, metrics, watch: '3s', interval: '300ms' }
  const ran = await runbook(['exec', 'incident-database-locks', ...given(values), ...answers])
  expect(ran.code, ran.stderr).toBe(0)
  expect((await holder.ended).code).toBe(0)
})
