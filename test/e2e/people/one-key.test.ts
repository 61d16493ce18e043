import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runIds } from '../../support/attack/attack.ts'
import { releaseSteps, releasedSpace, signedSpace } from '../../support/signing.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const approve = ['approve', 'last', 'go', '--yes']

test.each([
  ['by a pattern', '*@example.com KEY'],
  ['in a line of its own', 'alice@example.com KEY'],
  ['in one line for both', 'alice@example.com,bob@example.com KEY'],
  ['until it was handed on', 'alice@example.com valid-before="20200101" KEY'],
])('a key that is listed for the runner %s does not approve as somebody else', async (_, line) => {
  using space = signedSpace()
  const key = (name: string): string => readFileSync(join(space.root, `${name}.pub`), 'utf8').trim()
  const list = `alice@example.com ${key('alice')}\nbob@example.com ${key('bob')}\n`
  space.write('allowed_signers', `${list}${line.replace('KEY', key('bob'))}\n`)
  expect((await space.as('alice', ['exec', 'release', '--yes'])).code).toBe(5)
  const forged = await space.as('bob', approve)
  expect([forged.code, forged.stderr]).toEqual([
    4,
    expect.stringContaining('allowed_signers lists it for alice@example.com too'),
  ])
})

test('a run that was approved with a key of the runner does not verify, by the program and by the recipe', async () => {
  using space = await releasedSpace()
  const { run } = space
  const key = readFileSync(join(space.root, 'bob.pub'), 'utf8')
  space.write(
    'more_signers',
    `${readFileSync(join(space.root, 'allowed_signers'), 'utf8')}alice@example.com ${key}`,
  )
  const folder = join(space.state, 'runs', run)
  const recipe = join(import.meta.dirname, '../../../runner/journal/recipe/verify.sh')
  for (const [list, code] of [
    ['allowed_signers', 0],
    ['more_signers', 1],
  ] as const) {
    const signers = join(space.root, list)
    const verified = await space.as('carol', ['verify', run, '--allowed-signers', signers])
    expect(verified.code, verified.stdout).toBe(code)
    expect(spawnSync('sh', [recipe, folder, signers]).status).toBe(code)
  }
})

test('one key in certificates for two people is one person', async () => {
  using space = signedSpace()
  const keygen = (...args: string[]): unknown =>
    execFileSync('ssh-keygen', ['-q', ...args], { cwd: space.root })
  keygen('-t', 'ed25519', '-N', '', '-f', 'ca')
  for (const person of ['alice', 'bob']) {
    copyFileSync(join(space.root, 'eve'), join(space.root, person))
    keygen('-s', 'ca', '-I', person, '-n', `${person}@example.com`, 'eve.pub')
    renameSync(join(space.root, 'eve-cert.pub'), join(space.root, `${person}-cert.pub`))
  }
  space.write(
    'allowed_signers',
    `*@example.com cert-authority ${readFileSync(join(space.root, 'ca.pub'), 'utf8')}`,
  )
  const env = (person: string) => ({ RUNBOOK_SIGNING_KEY: `${person}-cert.pub`, SSH_AUTH_SOCK: '' })
  const started = await space.as('alice', ['exec', 'release', '--yes'], env('alice'))
  expect(started.code, started.stderr).toBe(5)
  const forged = await space.as('bob', approve, env('bob'))
  expect([forged.code, forged.stderr]).toEqual([4, expect.stringContaining('one key is one person')])
})

test.each([
  '"ada"@example.com',
  'ada@example.com (Ada)',
  'mailto:ada@example.com',
  "'ada@example.com'",
  'a\\da@example.com',
])('an address with quotes, a comment, a scheme or escapes is none that may decide: %s', async (id) => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      releaseSteps.replace('bob@example.com', 'boss'),
      'inputs:\n  version: { type: semver, default: 1.4.0 }\n',
    ),
    'content/people.yaml': `people:\n  ada@example.com: { roles: [boss] }\n  ${JSON.stringify(id)}: { roles: [boss] }\n`,
  })
  const checked = await space.runbook(['check'])
  expect([checked.code, checked.stdout]).toEqual([
    3,
    expect.stringContaining('content/people.yaml:3:3: error: Invalid address'),
  ])
})

test('an undeclared role in an included runbook stops the run before its first step', async () => {
  const include = '<Include id="all" title="All" runbook="x" />\n'
  using space = workspace({
    'content/runbooks/x.mdx': page('<Approval id="go" title="Go" approvers="boss" />\n'),
    'content/runbooks/y.mdx': page(include),
    'content/runbooks/z.mdx': page(commandStep('first', 'touch acted') + include.replace('"x"', '"y"')),
  })
  const ran = await space.runbook(['exec', 'z', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/x\.mdx:7:\d+: Unknown role `boss`/)])
  expect([runIds(space.root), existsSync(join(space.root, 'acted'))]).toEqual([[], false])
})
