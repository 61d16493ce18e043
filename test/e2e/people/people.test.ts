import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import { asText } from '../../../runner/model/values/json.ts'
import { spellingsOf } from '../../support/attack/forgeries.ts'
import { eventsOf, runIds } from '../../support/attack/attack.ts'
import { signedSpace } from '../../support/signing.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const people = `people:
  ada@example.com: { name: Ada, roles: [boss], aliases: [ada, a.lovelace@example.com] }
  ben@example.com: { roles: [boss] }
  cyd@example.com: { roles: [boss] }
`
const act = commandStep('act', 'touch acted')
const go = (attributes = ''): string =>
  page(`<Approval id="go" title="Go" approvers="boss" ${attributes}>\nLook first.\n</Approval>\n\n${act}`)
const as = (id: string): { RUNBOOK_ACTOR: string } => ({ RUNBOOK_ACTOR: id })
const files = (attributes = ''): Record<string, string> => ({
  'content/runbooks/x.mdx': go(attributes),
  'content/people.yaml': people,
})
const approve = ['approve', 'last', 'go', '--yes']

test('whoever runs is refused as approver in every spelling and by every alias', async () => {
  using space = workspace(files())
  expect((await space.runbook(['exec', 'x', '--yes'], as('Ada@Example.com'))).code).toBe(5)
  expect(eventsOf(space.root)[0]?.actor.id).toBe('ada@example.com')
  const names = [
    ...spellingsOf('ada@example.com'),
    'ada',
    'ADA',
    'A.Lovelace@Example.com',
    'boss',
    'x@example.com',
  ]
  for (const name of names) {
    const refused = await space.runbook(approve, as(name))
    expect([name, refused.code], refused.stderr).toEqual([name, 4])
  }
  expect((await space.runbook(['resume', 'last', '--yes'], as('ada'))).code).toBe(5)
  expect(existsSync(join(space.root, 'acted'))).toBe(false)
})

test('an address that is not plain ASCII runs nothing that others must approve', async () => {
  using space = workspace(files())
  const ran = await space.runbook(['exec', 'x', '--yes'], as('\u0430da@example.com'))
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('is not an address in plain ASCII')])
  expect(runIds(space.root)).toEqual([])
})

test('two entries that are one person are a finding with its place, and nothing runs', async () => {
  using space = workspace({
    ...files(),
    'content/people.yaml': `${people}  Ada@Example.com: { roles: [boss] }\n`,
  })
  const checked = await space.runbook(['check'])
  expect([checked.code, checked.stdout]).toEqual([
    3,
    expect.stringContaining(
      'content/people.yaml:5:3: error: `Ada@Example.com` and `ada@example.com` are one person',
    ),
  ])
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('content/people.yaml:5:3')])
})

test('a role that is not declared is an error of check with its place, and stops a run before it begins', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': go() })
  const checked = await space.runbook(['check'])
  expect([checked.code, checked.stdout]).toEqual([
    3,
    expect.stringMatching(
      /x\.mdx:7:\d+: error: Unknown role `boss`: content\/people\.yaml does not exist \[unknown-approver\]/,
    ),
  ])
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('Unknown role `boss`')])
  space.write('content/people.yaml', people.replaceAll('boss', 'bos'))
  expect((await space.runbook(['check'])).stdout).toContain(
    'Unknown role `boss`: content/people.yaml does not declare it',
  )
  expect(runIds(space.root)).toEqual([])
})

test('without a list of people an address may approve', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': go().replace('boss', 'Ben@Example.com') })
  expect((await space.runbook(['check'])).code).toBe(0)
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(5)
  expect((await space.runbook(approve, as('ben@example.com'))).code).toBe(0)
  expect((await space.runbook(['resume', 'last', '--yes'])).code).toBe(0)
})

test('a run that its own starter keeps from being approved does not start', async () => {
  using space = workspace(files('min={3}'))
  const ran = await space.runbook(['exec', 'x', '--yes'], as('ada@example.com'))
  expect([ran.code, ran.stderr]).toEqual([
    4,
    expect.stringContaining('only ben@example.com, cyd@example.com may approve it'),
  ])
  expect(runIds(space.root)).toEqual([])
})

test('two people decide before the run reads either, and both count', async () => {
  using space = workspace(files('min={2} separate={false}'))
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(5)
  expect((await space.runbook(approve, as('ben@example.com'))).code).toBe(0)
  expect((await space.runbook(approve, as('cyd@example.com'))).code).toBe(0)
  const again = await space.runbook(approve, as('Ben@example.com'))
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('Your decision on `go` is there already'),
  ])
  const done = await space.runbook(['resume', 'last', '--yes'])
  expect(done.code, done.stderr).toBe(0)
  expect((await space.runbook(['verify', 'last'])).code).toBe(0)
})

test('an approver who resumes the run is told that their decision does not count, and so is the journal', async () => {
  using space = workspace(files())
  expect((await space.runbook(['exec', 'x', '--yes'], as('ada@example.com'))).code).toBe(5)
  expect((await space.runbook(approve, as('ben@example.com'))).code).toBe(0)
  const taken = await space.runbook(['resume', 'last', '--yes'], as('ben@example.com'))
  expect([taken.code, taken.stderr]).toEqual([
    5,
    expect.stringMatching(/Your decision on `go` does not count[\s\S]*May decide: cyd@example\.com/),
  ])
  expect(eventsOf(space.root).find(({ type }) => type === 'answer-refused')?.data).toMatchObject({
    by: 'ben@example.com',
    why: expect.stringContaining('nobody approves their own run') as string,
    may: ['cyd@example.com'],
  })
  const stuck = await space.runbook(['resume', 'last', '--yes'], as('cyd@example.com'))
  expect([stuck.code, stuck.stderr]).toEqual([4, expect.stringContaining('no other person may approve it')])
  expect((await space.runbook(approve, as('cyd@example.com'))).code).toBe(0)
  expect((await space.runbook(['resume', 'last', '--yes'], as('ada@example.com'))).code).toBe(0)
})

test('approve shows what is decided on, decides nothing unasked, and signs the digest of what it showed', async () => {
  const steps = commandStep('build', 'echo built') + go().split('## Phase\n')[1]
  using space = workspace({
    'content/runbooks/x.mdx': page(steps, 'inputs:\n  version: { type: semver, default: 1.4.0 }\n'),
    'content/people.yaml': people,
  })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(5)
  const shown = await space.runbook(['approve', 'last', 'go'], as('ben@example.com'))
  expect([shown.code, shown.stderr]).toEqual([5, expect.stringContaining('Nothing was decided')])
  for (const words of ['Go', 'version = 1.4.0', 'passed  build', '! act', 'touch acted', 'Look first.'])
    expect(shown.stdout).toContain(words)
  expect(readdirSync(join(space.root, '.runbook/runs', runIds(space.root)[0] ?? '', 'inbox'))).toEqual([])
  const yes = await space.runbook([...approve, '--json'], as('ben@example.com'))
  const digest = sha256(shown.stdout.trimEnd())
  expect(JSON.parse(yes.stdout)).toMatchObject({ decision: 'approved', shownSha256: digest })
  expect((await space.runbook(['resume', 'last', '--yes'])).code).toBe(0)
  const given = eventsOf(space.root).find(({ type }) => type === 'approval-given')
  expect(JSON.parse(asText(given?.data['payload']))).toMatchObject({ shownSha256: digest })
})

test.runIf(hasTerminal)(
  'at a terminal approve asks, and a decision that is left decides nothing',
  async () => {
    using space = workspace(files())
    expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(5)
    const env = as('ben@example.com')
    const left = onTerminal(space.root, ['approve', 'last', 'go'], env)
    await left.sees('Look first.')
    await left.sees('Decide as ben@example.com')
    left.type(keys.down + keys.enter)
    expect((await left.ended).code).toBe(5)
    const given = onTerminal(space.root, ['approve', 'last', 'go'], env)
    await given.sees('Decide as ben@example.com')
    given.type(keys.down + keys.down + keys.enter)
    expect((await given.ended).code).toBe(0)
  },
)

test('one key does not run and approve, whatever names it is listed for', async () => {
  using space = signedSpace()
  const key = readFileSync(join(space.root, 'alice.pub'), 'utf8')
  space.write('allowed_signers', `*@example.com ${key}`)
  expect((await space.as('alice', ['exec', 'release', '--yes'])).code).toBe(5)
  const forged = await space.as('alice', approve, as('bob@example.com'))
  expect([forged.code, forged.stderr]).toEqual([4, expect.stringContaining('one key is one person')])
})

test('a signing key that cannot sign is named before the first step, and by doctor', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('a', 'touch acted', 'effect="read"')),
  })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', join(space.root, 'locked')])
  const pub = readFileSync(join(space.root, 'locked.pub'), 'utf8').trim()
  execFileSync('mkfifo', [join(space.root, 'pipe')])
  for (const key of ['missing', 'locked', pub, 'agent', 'pipe', 'content']) {
    const env = { RUNBOOK_SIGNING_KEY: key, SSH_AUTH_SOCK: '/nowhere/agent', SSH_ASKPASS_REQUIRE: 'never' }
    const ran = await space.runbook(['exec', 'x'], env)
    expect([ran.code, ran.stderr], key).toEqual([1, expect.stringContaining('nothing ran')])
    expect(ran.stderr).toContain('RUNBOOK_SIGNING_KEY=none')
    const doctor = await space.runbook(['doctor'], env)
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringMatching(/✗ missing signing key/)])
  }
  expect([runIds(space.root), existsSync(join(space.root, 'acted'))]).toEqual([[], false])
  const unsigned = await space.runbook(['exec', 'x'], { RUNBOOK_SIGNING_KEY: 'none' })
  expect(unsigned.code).toBe(0)
})

test('a quiet call that waits still prints the command that comes next', async () => {
  using space = workspace(files())
  const ran = await space.runbook(['exec', 'x', '--yes', '-q'])
  expect([ran.code, ran.stderr]).toEqual([5, expect.stringContaining('approve')])
})

test('steps do not find the agent of the operator unless the runbook names it, and outputs are for the owner alone', async () => {
  const steps = commandStep(
    'look',
    'echo "agent=${SSH_AUTH_SOCK:-none}" >> "$RUNBOOK_OUTPUT"',
    'effect="read" outputs="agent"',
  )
  using space = workspace({
    'content/runbooks/x.mdx': page(steps),
    'content/runbooks/y.mdx': page(steps, 'requires:\n  env: [SSH_AUTH_SOCK]\n'),
  })
  for (const [slug, problem] of [
    ['x', 'none'],
    ['y', '/run/agent'],
  ] as const) {
    expect((await space.runbook(['exec', slug], { SSH_AUTH_SOCK: '/run/agent' })).code).toBe(0)
    const [run = ''] = runIds(space.root)
    const folder = join(space.root, '.runbook/runs', run, 'steps')
    const kept = readdirSync(folder).filter((name) => name.endsWith('outputs'))
    expect(kept).toHaveLength(1)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0)
    if (slug === 'x') expect(readFileSync(join(folder, kept[0] ?? ''), 'utf8')).toBe(`agent=${problem}\n`)
  }
})
