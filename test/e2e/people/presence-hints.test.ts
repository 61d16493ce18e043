import { expect, test } from 'vitest'
import { signedSpace } from '../../support/signing.ts'
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
