import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf } from '../../support/attack/attack.ts'
import { signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { skAgent } from '../../support/servers/sk-agent.ts'
import type { SkAgent } from '../../support/servers/sk-agent.ts'
import { commandStep, page } from '../../support/workspace.ts'

const steps = (presence: string): string =>
  `<Approval id="go" title="Go" approvers="bob@example.com"${presence}>\nRead it.\n</Approval>\n\n${commandStep('ship', 'touch shipped')}`
const atStep = ' presence="verified"'
const exec = ['exec', 'x', '--yes']
const approve = ['approve', 'last', 'go', '--yes']

/** A workspace in which bob has a security key with these flags beside his other key. */
async function lab(
  flags: number,
  frontmatter = '',
  presence = atStep,
): Promise<SignedSpace & { agent: SkAgent } & AsyncDisposable> {
  const space = signedSpace()
  const agent = await skAgent(join(space.root, 'agent'), { flags })
  space.write('content/runbooks/x.mdx', page(steps(presence), frontmatter))
  list(space, 'bob', agent.line)
  return {
    ...space,
    agent,
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]()
      space[Symbol.dispose]()
    },
  }
}

function list(space: SignedSpace, person: string, key: string, spaces = 'runbook-approval@v1'): void {
  const file = join(space.root, 'allowed_signers')
  const line = `${person}@example.com namespaces="${spaces}" ${key}\n`
  writeFileSync(file, readFileSync(file, 'utf8') + line)
}

function byRecipe(space: SignedSpace): string {
  const run = eventsOf(space.root)[0]?.run ?? ''
  const recipe = join(import.meta.dirname, '../../../runner/journal/recipe/verify.sh')
  return spawnSync('sh', [recipe, join(space.state, 'runs', run)], { encoding: 'utf8' }).stdout
}

test('an approval by a security key that verified the person passes the gate, and is told so everywhere', async () => {
  await using space = await lab(5)
  expect((await space.as('alice', exec)).code).toBe(5)
  const approved = await space.as('bob', approve, space.agent.env)
  expect([approved.code, approved.stderr]).toEqual([0, expect.stringContaining('Touch your security key')])
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(0)
  const { code, stdout } = await space.as('alice', ['verify', 'last'])
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining('ok     presence   bob@example.com: verified, security key'),
  ])
  expect(byRecipe(space)).toMatch(
    /^VERIFIED, signed by alice@example\.com\napproved: step go, by bob@example\.com/,
  )
  expect((await space.as('alice', ['log', 'last'])).stdout).toContain('present (verified)')
  const require = ['require', 'x', '--humans', '1', '--presence', 'verified', '--allowed-signers']
  expect((await space.as('carol', [...require, 'allowed_signers'])).code).toBe(0)
  const two = await space.as('carol', [...require.with(3, '2'), 'allowed_signers'])
  expect([two.code, two.stderr]).toEqual([1, expect.stringContaining('only bob@example.com signed so')])
})

test.each([
  ['a plain key of the same person', 5, { RUNBOOK_SIGNING_KEY: 'bob' }, 'not a security key'],
  ['a security key that nobody touched', 0, {}, 'nobody touched'],
  ['a touch without a PIN or biometric', 1, {}, 'did not verify the person'],
])('where presence is verified, %s approves nothing', async (_, flags, env, why) => {
  await using space = await lab(flags)
  expect((await space.as('alice', exec)).code).toBe(5)
  const refused = await space.as('bob', approve, { ...space.agent.env, ...env })
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining(why)])
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(5)
  expect(existsSync(join(space.root, 'shipped'))).toBe(false)
})

test('a gate asks for more presence than the runbook did, and a plain approval does not pass it', async () => {
  await using space = await lab(1, '', '')
  expect((await space.as('alice', exec)).code).toBe(5)
  expect((await space.as('bob', approve, space.agent.env)).code).toBe(0)
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(0)
  expect((await space.as('carol', ['require', 'x', '--presence', 'touch'])).code).toBe(0)
  const verified = await space.as('carol', ['require', 'x', '--presence', 'verified'])
  expect([verified.code, verified.stderr]).toEqual([1, expect.stringContaining('presence `verified`')])
})

test('the closing needs the presence of the frontmatter too, and verify and the recipe say so', async () => {
  await using space = await lab(5)
  await using carols = await skAgent(join(space.root, 'agent-carol'), { flags: 1 })
  list(space, 'carol', carols.line)
  const frontmatter = 'presence: touch\nclose: second-person\n'
  const read = commandStep('look', 'echo looked', 'effect="read"')
  space.write('content/runbooks/x.mdx', page(steps('').split('\n\n')[0] + `\n\n${read}`, frontmatter))
  expect((await space.as('alice', exec)).code).toBe(5)
  expect((await space.as('bob', approve, space.agent.env)).code).toBe(0)
  expect((await space.as('alice', ['resume', 'last'])).code).toBe(0)
  const refused = await space.as('carol', ['close', 'last', '--yes'])
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('not a security key')])
  expect(refused.stderr).toMatch(
    / {2}hint: Make a passkey with `runbook keys add --browser`, or a security key with /,
  )
  const closed = await space.as('carol', ['close', 'last', '--yes'], carols.env)
  expect([closed.code, closed.stderr]).toEqual([0, expect.stringContaining('Touch your security key')])
  const { code, stdout } = await space.as('alice', ['verify', 'last'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('carol@example.com: touch, security key')])
  expect(byRecipe(space)).toMatch(
    /^VERIFIED, signed by alice@example\.com\napproved: step go, by bob@example\.com/,
  )
  const people = ['require', 'x', '--humans', '2', '--presence', 'touch']
  expect((await space.as('carol', people)).code).toBe(0)
})

test.each([
  [
    'there is no list of signers',
    (space: SignedSpace) => space.write('runbook.config.ts', "export default { allowedSigners: 'none' }\n"),
    'does not exist',
  ],
  [
    'no approver has a security key',
    (space: SignedSpace) =>
      space.write(
        'allowed_signers',
        readFileSync(join(space.root, 'allowed_signers'), 'utf8').replace(/.*sk-ssh.*\n/, ''),
      ),
    'no other approver has a security key',
  ],
])('a run that asks for presence does not start when %s', async (_, change, why) => {
  await using space = await lab(5)
  change(space)
  const refused = await space.as('alice', exec)
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining(why)])
  expect(existsSync(join(space.state, 'runs'))).toBe(false)
  const practice = await space.as('alice', [...exec, '--practice'])
  expect(practice.code, practice.stderr).toBe(5)
})

test('the configuration asks every runbook for presence, which no flag and no file of answers shows', async () => {
  await using space = await lab(5, '', '')
  space.write('runbook.config.ts', "export default { presence: 'touch' }\n")
  space.write('content/runbooks/y.mdx', page(commandStep('ship', 'touch shipped')))
  list(space, 'alice', space.agent.line, 'runbook-presence@v1')
  const waits = await space.as('alice', ['exec', 'y', '--yes'])
  expect([waits.code, waits.stderr]).toEqual([5, expect.stringContaining('asks for presence `touch`')])
  expect(existsSync(join(space.root, 'shipped'))).toBe(false)
  expect(JSON.parse((await space.as('alice', ['plan', 'x', '--json'])).stdout)).toMatchObject({
    plan: { presence: 'touch' },
  })
})

test('selfApproval beside presence is an error of check, and nothing runs', async () => {
  await using space = await lab(5, 'selfApproval: true\n')
  const checked = await space.as('alice', ['check', 'x'])
  expect([checked.code, checked.stdout]).toEqual([3, expect.stringContaining('self-approved-presence')])
  expect((await space.as('alice', exec)).code).not.toBe(0)
  expect(existsSync(join(space.root, 'shipped'))).toBe(false)
})

test('whoever runs gives the answers of a file; for whom is the word of the file', async () => {
  await using space = await lab(5)
  space.write('content/runbooks/z.mdx', page('<Checklist id="list" title="List">\n- [ ] Look\n</Checklist>'))
  space.write('answers.yaml', 'actor: carol@example.com\nanswers: { list: [done] }\n')
  expect((await space.as('alice', ['exec', 'z', '--answers', 'answers.yaml'])).code).toBe(0)
  const ticked = eventsOf(space.root).find(({ type }) => type === 'task-ticked')
  expect(ticked).toMatchObject({
    actor: { id: 'alice@example.com', via: 'answers' },
    data: { attributedTo: 'carol@example.com' },
  })
  const { stdout } = await space.as('alice', ['log', 'last'])
  expect(stdout).toContain('for carol@example.com (says a file)')
})
