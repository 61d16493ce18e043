import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServe } from '../../support/servers/alertmanager.ts'
import { workspace } from '../../support/workspace.ts'

const runbook = `---
title: Database
inputs:
  service: { type: text, aliases: [SVC], fromLabel: job, max: 9000 }
  count: { type: int, default: 1 }
  token: { type: secret, required: false }
alerts:
  - { name: DatabaseLocks, step: locks }
---

<Command id="first" title="First" effect="read">

\`\`\`bash
touch first
\`\`\`

</Command>

<Approval id="go" title="Go" approvers="bob@example.com">Go?</Approval>

<Command id="locks" title="Locks of \${{ inputs.service }}" effect="read">

\`\`\`bash
printf '%s' "$service" > seen
\`\`\`

</Command>
`
const open = runbook.replace(/<Approval.*<\/Approval>\n/, '')
const page = 'content/runbooks/database.mdx'
const link = (value: string, more = '') =>
  `https://x.example/runbooks/Database/?SVC=${encodeURIComponent(value)}${more}#locks`
const webhook = (...alerts: object[]) =>
  JSON.stringify({ version: '4', receiver: 'r', status: 'firing', alerts })
const alert = (labels: object, more: object = {}) => ({
  status: 'firing',
  labels,
  annotations: {},
  fingerprint: '3f2a111111111111',
  ...more,
})

/** Nothing a terminal would act on but line breaks, tabs and the colors of nobody. */
const isInert = (text: string) =>
  !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text)

const hostile = {
  'shell metacharacters': '$(touch owned) `touch owned`; touch owned | tee owned & "\' \\',
  HTML: '<script>alert(1)</script><img src=x onerror=alert(1)>&lt;',
  'a path upwards': '../../../../etc/passwd',
  'a file to read': '@/etc/passwd',
  'a template': '${{ inputs.token }} {{ .Values }} ${HOME} %n',
  'a flag': '--yes -i token=x',
  'eight kilobytes': 'x'.repeat(8192),
  'look-alike letters': 'аpі‮gpj.exe\u200b',
  'control characters': 'a\u001b[2J\u001b]0;owned\u0007\u009b31m\rb',
}

test.each(Object.entries(hostile))(
  '%s in a link reach the script as text and nothing else',
  async (_, value) => {
    using space = workspace({ [page]: open })
    const ran = await space.runbook(['exec', link(value), '--no-input'])
    expect(ran.code).toBe(0)
    expect(readFileSync(join(space.root, 'seen'), 'utf8')).toBe(value)
    expect(isInert(ran.stdout + ran.stderr)).toBe(true)
    expect([existsSync(join(space.root, 'owned')), existsSync(join(space.root, 'first'))]).toEqual([
      false,
      false,
    ])
  },
)

test('the same values in a webhook, in a plan and in a finding are inert as well', async () => {
  using space = workspace({ [page]: open })
  const all = Object.values(hostile).join('\u0001')
  space.write('p.json', webhook(alert({ alertname: 'databaselocks', job: all, '../x\u001b[1m': all })))
  const ran = await space.runbook(['exec', '--alert', 'p.json', '--no-input'])
  const planned = await space.runbook(['exec', '--alert', 'p.json', '--dry-run'])
  const log = await space.runbook(['log', 'last'])
  space.write(
    'rules.yml',
    JSON.stringify({
      groups: [
        {
          name: all,
          rules: [
            {
              alert: all,
              expr: 'up',
              labels: { severity: 'page' },
            },
          ],
        },
      ],
    }),
  )
  const checked = await space.runbook([
    'alerts',
    'check',
    'rules.yml',
    '--base-url',
    'https://x.example',
    '--no-promtool',
  ])
  expect([ran.code, planned.code, checked.code]).toEqual([0, 0, 1])
  expect(readFileSync(join(space.root, 'seen'), 'utf8')).toBe(all)
  for (const { stdout, stderr } of [ran, planned, checked, log]) expect(isInert(stdout + stderr)).toBe(true)
  expect(existsSync(join(space.root, 'owned'))).toBe(false)
})

test('a link does not lead past an approval', async () => {
  using space = workspace({ [page]: runbook })
  const ran = await space.runbook(['exec', link('x'), '--no-input', '--yes'])
  expect(ran.code).toBe(5)
  expect(existsSync(join(space.root, 'seen'))).toBe(false)
})

test('a value that does not fit and a link that leads nowhere start nothing', async () => {
  using space = workspace({ [page]: open })
  expect(await space.runbook(['exec', link('x', '&count=many')])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('whole number'),
  })
  expect(await space.runbook(['exec', 'https://x.example/runbooks/databse/'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`database`'),
  })
  expect(await space.runbook(['exec', 'https://x.example/alerts/Nothing'])).toMatchObject({ code: 2 })
  expect((await space.runbook(['runs', '--json'])).stdout.trim()).toBe('[]')
})

test('a secret is not taken from a link', async () => {
  using space = workspace({ [page]: open })
  const ran = await space.runbook(['exec', link('x', '&token=hunter2-hunter2'), '--no-input'])
  expect(ran.stdout + ran.stderr).not.toContain('hunter2')
})

test('of several alerts one is named by the beginning of its fingerprint', async () => {
  using space = workspace({ [page]: open })
  const other = alert(
    { alertname: 'Other' },
    {
      fingerprint: '99aa111111111111',
      annotations: { runbook_url: 'https://x.example/runbooks/database/#locks?service=late' },
    },
  )
  // A sender that repeats itself means one alert.
  space.write('p.json', webhook(alert({ alertname: 'DatabaseLocks', job: 'api' }), other, other))
  expect(await space.runbook(['exec', '--alert', 'p.json', '--no-input'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('99aa111111111111'),
  })
  expect(await space.runbook(['exec', '--alert', 'p.json', '--fingerprint', 'ffff'])).toMatchObject({
    code: 2,
  })
  expect((await space.runbook(['exec', '--alert', 'p.json', '--fingerprint', '99', '--no-input'])).code).toBe(
    0,
  )
  expect(readFileSync(join(space.root, 'seen'), 'utf8')).toBe('late')
})

test('a run for an alert that is resolved waits for the word of a person', async () => {
  using space = workspace({ [page]: open })
  const over = alert(
    { alertname: 'DatabaseLocks', job: 'api' },
    { status: 'resolved', endsAt: '2026-11-29T12:00:00Z' },
  )
  space.write('p.json', webhook(over))
  const asked = await space.runbook(['exec', '--alert', 'p.json', '--no-input'])
  expect(asked.code).toBe(5)
  expect(asked.stderr).toContain('is resolved since 2026-11-29T12:00:00Z; nothing ran')
  expect(existsSync(join(space.root, 'seen'))).toBe(false)
  expect((await space.runbook(['exec', '--alert', 'p.json', '--no-input', '--dry-run'])).code).toBe(0)
  expect((await space.runbook(['exec', '--alert', 'p.json', '--no-input', '--yes'])).code).toBe(0)
})

const rules =
  'groups:\n- name: g\n  rules:\n  - alert: DatabaseLocks\n    expr: up == 0\n    for: 1m\n    labels: {severity: critical}\n    annotations:\n      runbook_url: https://x.example/runbooks/database/?SVC={{ $labels.job }}#locks\n'

test('the exit code of the check says clean, findings or not readable', async () => {
  using space = workspace({ [page]: open, 'rules.yml': rules })
  const check = async (...args: string[]) =>
    (await space.runbook(['alerts', 'check', ...args, '--base-url', 'https://x.example', '--no-promtool']))
      .code
  expect(await check('rules.yml')).toBe(0)
  expect(await check('rules.yml', '--fail-on', 'warning')).toBe(1)
  space.write('rules.yml', rules.replace('#locks', '#lock'))
  expect(await check('*.yml')).toBe(1)
  space.write('broken.yml', 'groups:\n- name: g\n  rules:\n  - alert: [A\n    expr: up\n')
  expect(await check('.')).toBe(2)
  expect(await check('nothing.yml')).toBe(2)
  expect(await check('rules.yml', '--fail-on', 'sometimes')).toBe(2)
})

test('findings are printed as text, JSON, SARIF and workflow commands', async () => {
  using space = workspace({ [page]: open, 'rules.yml': rules })
  const print = async (format: string) =>
    (
      await space.runbook([
        'alerts',
        'check',
        'rules.yml',
        '--base-url',
        'https://x.example',
        '--no-promtool',
        '--format',
        format,
      ])
    ).stdout
  expect(await print('text')).toMatch(/^rules\.yml:9:64: warning: .* \[AL08 no-urlquery\] · hint: /)
  expect(JSON.parse(await print('json'))).toMatchObject({
    version: 1,
    files: 1,
    alerts: 1,
    findings: [{ code: 'AL08', fixable: true, place: { line: 9 } }],
  })
  expect(JSON.parse(await print('sarif'))).toMatchObject({
    version: '2.1.0',
    runs: [{ results: [{ ruleId: 'AL08', level: 'warning' }] }],
  })
  // A name with a line break in it is no second line.
  space.write('rules.yml', rules.replace('DatabaseLocks', '"A\\nB"').replace('runbook_url', 'summary'))
  for (const line of (await print('text')).trimEnd().split('\n')) expect(line).toMatch(/^\S+:\d+:\d+: /)
  space.write('rules.yml', rules)
  expect(await print('github')).toMatch(
    /^::warning file=rules\.yml,line=9,col=64,endLine=9,endColumn=\d+,title=AL08::/,
  )
})

test('unknown flags and words are refused, with what was meant', async () => {
  using space = workspace({})
  expect(await space.runbook(['alerts'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('runbook alerts check'),
  })
  expect(await space.runbook(['alerts', 'chek'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('alerts check'),
  })
  expect(await space.runbook(['alerts', 'links', '--fix'])).toMatchObject({ code: 2 })
  expect(await space.runbook(['alerts', 'check', 'a', '--base-ulr', 'x'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--base-url'),
  })
  expect(await space.runbook(['alerts', 'check'])).toMatchObject({ code: 2 })
  expect(await space.runbook(['alerts', 'serve', '--host', '0.0.0.0'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--secret-file'),
  })
})

test('pages written for alerts pass the check, and their links pass the check of the rules', async () => {
  using space = workspace({
    'rules.yml': rules.replace(
      / {4}annotations:\n.*\n/,
      '    annotations: {summary: "{{ $labels.job }} is down"}\n',
    ),
  })
  const scaffold = await space.runbook(['alerts', 'scaffold', 'rules.yml', '--base-url', 'https://x.example'])
  expect(scaffold.code).toBe(0)
  expect((await space.runbook(['check'])).code).toBe(0)
  const [links] = JSON.parse(
    (await space.runbook(['alerts', 'links', '--base-url', 'https://x.example', '--json'])).stdout,
  ) as { url: string }[]
  space.write('rules.yml', rules.replace(/https:.*/, `'${links?.url}'`))
  const checked = await space.runbook([
    'alerts',
    'check',
    'rules.yml',
    '--base-url',
    'https://x.example',
    '--no-promtool',
    '--fail-on',
    'info',
  ])
  expect(checked).toMatchObject({ code: 0, stdout: '' })
  expect((await space.runbook(['alerts', 'scaffold', 'rules.yml'])).stderr).toContain(
    '0 of 1 alerts had no page',
  )
})

test('a check of alerts says that promtool is not installed, unless it is not to run', async () => {
  using space = workspace({ 'content/runbooks/slow.md': '# Slow\n', 'rules.yml': rules })
  const check = ['alerts', 'check', 'rules.yml', '--base-url', 'https://x.example']
  const without = { PATH: join(space.root, 'nothing') }
  expect((await space.runbook(check, without)).stderr).toContain(
    '`promtool check rules` did not run: promtool is not installed. Install it, or add --no-promtool.',
  )
  expect((await space.runbook([...check, '--no-promtool'], without)).stderr).not.toContain('promtool')
})

test('a server of webhooks prints one line for a name of several, and a signal ends it in order', async () => {
  using space = workspace({})
  const serve = await startServe(space.root, [])
  const sent = {
    status: 'firing',
    labels: { alertname: 'Down\n  runbook exec evil' },
    startsAt: '2026-11-21T08:00:00Z',
  }
  const { status } = await fetch(serve.webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ version: '4', receiver: 'r', status: 'firing', alerts: [sent] }),
  })
  expect([status, await serve.stop()]).toEqual([200, 0])
  expect(serve.printed()).toContain('\nDown runbook exec evil → no runbook\n')
})
