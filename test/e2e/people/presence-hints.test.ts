import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { signedSpace } from '../../support/signing.ts'
import { newSecurityKey } from '../../support/sshsig.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const steps = `<Approval id="go" title="Go" approvers="bob@example.com"/>\n\n${commandStep('ship', 'touch shipped')}`
const none = { RUNBOOK_SIGNING_KEY: 'none', RUNBOOK_PRESENCE_KEY: '' }

test('each refusal for a missing key tells the command that makes a passkey', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(steps, 'presence: verified\n') })
  for (const [args, said] of [
    [
      ['exec', 'x', '--yes'],
      'asks for presence `verified`, and allowed_signers does not exist; nothing was run',
    ],
    [['keys', 'add'], 'No key is named'],
  ] as const) {
    const { code, stderr } = await space.runbook(args, none)
    expect(code, stderr).toBeGreaterThan(1)
    expect(stderr).toContain(said)
    expect(stderr).toMatch(
      / {2}hint: Make a passkey with `runbook keys add --browser`, or a security key with /,
    )
  }
})

test('a decision without a passkey in the list, or without a key, tells how a passkey signs it', async () => {
  using space = signedSpace()
  await space.as('alice', ['exec', 'release', '--yes'])
  const bob = { ...none, RUNBOOK_ACTOR: 'bob@example.com' }
  const onPage = await space.runbook(['approve', 'last', 'go', '--browser'], bob)
  expect([onPage.code, onPage.stderr]).toEqual([
    4,
    expect.stringContaining('has no passkey of bob@example.com'),
  ])
  expect(onPage.stderr).toContain(
    'hint: Make one with `runbook keys add --browser`, and let a reviewed change list it.',
  )
  const plain = await space.runbook(['approve', 'last', 'go', '--yes'], bob)
  expect(plain.stderr).toContain('A passkey signs with --browser.')
})

const makeKey = / {2}hint: Make a passkey with `runbook keys add --browser`, or a security key with /
const touched = '<Approval id="go" title="Go" approvers="bob@example.com" presence="touch"/>\n\n'

test('a touch that no key of the approver can show, and a decision by a plain key, tell how a key is made', async () => {
  using space = signedSpace()
  space.write('content/runbooks/x.mdx', page(touched))
  const unlisted = await space.as('alice', ['exec', 'x', '--yes'])
  expect([unlisted.code, unlisted.stderr]).toEqual([4, expect.stringMatching(makeKey)])
  expect(unlisted.stderr).toContain(
    'no other approver has a security key in allowed_signers; nothing was run',
  )
  const signers = readFileSync(join(space.root, 'allowed_signers'), 'utf8')
  const line = `bob@example.com namespaces="runbook-approval@v1" ${newSecurityKey(5).line}\n`
  space.write('allowed_signers', signers + line)
  expect(await space.as('alice', ['exec', 'x', '--yes'])).toMatchObject({ code: 5 })
  const plain = await space.as('bob', ['approve', 'last', 'go', '--yes'])
  expect([plain.code, plain.stderr]).toEqual([4, expect.stringMatching(makeKey)])
  expect(plain.stderr).toContain('The run would not believe this decision')
})

test('who runs without a security key hears how it comes into the list, and a plain key is not one', async () => {
  using space = signedSpace('presence: touch\n')
  const run = await space.as('alice', ['exec', 'release', '--yes'])
  expect([run.code, run.stderr]).toEqual([
    4,
    expect.stringContaining(
      'has no security key of alice@example.com for runbook-presence@v1; nothing was run',
    ),
  ])
  expect(run.stderr).toContain('  hint: Add the line that `runbook keys add` prints, in a reviewed change.')
  const add = await space.as('alice', ['keys', 'add'])
  expect([add.code, add.stderr]).toEqual([2, expect.stringMatching(makeKey)])
  expect(add.stderr).toMatch(/The key \S.* is not a security key/)
})

test('who closes a run without a key, or with one that is not listed, hears how it counts', async () => {
  using space = signedSpace('close: second-person\n')
  await space.as('alice', ['exec', 'release', '--yes'])
  await space.as('bob', ['approve', 'last', 'go', '--yes'])
  const run = await space.as('alice', ['resume', 'last', '--yes'])
  expect(run.code, run.stderr).toBe(0)
  const close = ['close', 'last', '--yes']
  const without = await space.runbook(close, { ...none, RUNBOOK_ACTOR: 'bob@example.com' })
  expect([without.code, without.stderr]).toEqual([
    4,
    expect.stringContaining('allowed_signers asks for a signature'),
  ])
  expect(without.stderr).toContain('hint: Name your key with RUNBOOK_SIGNING_KEY')
  const unlisted = await space.as('carol', close, { RUNBOOK_SIGNING_KEY: 'bob' })
  expect([unlisted.code, unlisted.stderr]).toEqual([4, expect.stringContaining('cannot be closed by carol')])
  expect(unlisted.stderr).toContain('allowed_signers must list it for who you are')
  expect((await space.as('bob', close)).code).toBe(0)
})
