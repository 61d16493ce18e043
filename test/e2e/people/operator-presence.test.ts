import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf } from '../../support/attack/attack.ts'
import { skAgent } from '../../support/servers/sk-agent.ts'
import { signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page } from '../../support/workspace.ts'

interface Lab extends SignedSpace, AsyncDisposable {
  /** Alice's: her plain key signs the run, the other one what she answers. */
  env: Record<string, string>
}

/** A workspace in which alice has a security key with these flags, listed by the line that `keys add` prints. */
async function lab(flags = 5): Promise<Lab> {
  const space = signedSpace()
  const agent = await skAgent(join(space.root, 'agent'), { flags })
  const env = { SSH_AUTH_SOCK: agent.env.SSH_AUTH_SOCK, RUNBOOK_PRESENCE_KEY: agent.line }
  const added = await space.as('alice', ['keys', 'add'], env)
  const own = `alice@example.com namespaces="runbook-approval@v1,runbook-presence@v1" ${agent.line}\n`
  if (flags === 5) expect([added.code, added.stdout]).toEqual([0, own])
  const file = join(space.root, 'allowed_signers')
  writeFileSync(file, readFileSync(file, 'utf8') + own)
  return {
    ...space,
    env: { ...env, RUNBOOK_SIGNING_KEY: 'alice' },
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]()
      space[Symbol.dispose]()
    },
  }
}

const checklist = '<Checklist id="ready" title="Ready">\n\n- [ ] Backups\n- [ ] Support\n\n</Checklist>\n'
const steps = `${checklist}\n${commandStep('ship', 'touch shipped', 'confirm="yes"')}`
const recipe = join(import.meta.dirname, '../../../runner/journal/recipe/verify.sh')

/** Chooses the first answer of a question. */
async function choose(terminal: ReturnType<typeof onTerminal>, question: string): Promise<void> {
  await terminal.sees(question)
  await terminal.sees('Enter: confirm')
  terminal.type(keys.down)
  terminal.type(keys.enter)
}

test.runIf(hasTerminal)(
  'whoever runs signs their ticks, go and confirmation by touch, and verify and recipe say so',
  async () => {
    await using space = await lab()
    space.write('content/runbooks/x.mdx', page(steps, 'presence: verified\n'))
    const terminal = onTerminal(space.root, ['exec', 'x', '--yes'], space.env)
    await choose(terminal, 'Backups')
    await choose(terminal, 'Support')
    await choose(terminal, 'Run ship?')
    await terminal.sees('type yes to go on')
    terminal.type(`yes${keys.enter}`)
    const { code, screen } = await terminal.ended
    expect(code, screen).toBe(0)
    expect(screen).toContain('no flag and no file of answers answers it')
    const events = eventsOf(space.root)
    const signed = events.filter(({ data }) => typeof data['payload'] === 'string')
    expect(signed.map(({ key, data }) => [key, JSON.parse(data['payload'] as string).purpose])).toEqual([
      ['ready/2', 'attest'],
      ['ship#1/go', 'go'],
      ['ship#1/confirm', 'confirm'],
    ])
    const { answers } = JSON.parse(signed[0]?.data['payload'] as string) as { answers: unknown }
    expect(answers).toEqual(
      ['ready/1', 'ready/2'].map((key) => ({ key, answer: expect.objectContaining({ answer: 'done' }) })),
    )
    const verified = await space.as('carol', ['verify', 'last'])
    expect([verified.code, verified.stdout]).toEqual([
      0,
      expect.stringContaining('presence   alice@example.com: verified, security key'),
    ])
    const folder = join(space.state, 'runs', events[0]?.run ?? '')
    expect(spawnSync('sh', [recipe, folder], { encoding: 'utf8' }).stdout).toBe(
      'VERIFIED, signed by alice@example.com\n',
    )
    expect((await space.as('carol', ['log', 'last'])).stdout).toContain('present (verified)')
  },
)

test.runIf(hasTerminal)('a go without a touch runs nothing, and the run waits for another', async () => {
  await using space = await lab(0)
  space.write('content/runbooks/x.mdx', page(commandStep('ship', 'touch shipped'), 'presence: touch\n'))
  const terminal = onTerminal(space.root, ['exec', 'x'], space.env)
  await choose(terminal, 'Run ship?')
  const { code, screen } = await terminal.ended
  expect([code, screen]).toEqual([4, expect.stringContaining('nobody touched the security key')])
  expect(existsSync(join(space.root, 'shipped'))).toBe(false)
  // The same by a program that answers for the person.
  const again = await space.as('alice', ['resume', 'last', '--yes'], space.env)
  expect(again.code).toBe(5)
  expect(existsSync(join(space.root, 'shipped'))).toBe(false)
})

test('a run that asks whoever runs it for presence does not start without their security key', async () => {
  await using space = await lab()
  space.write('content/runbooks/x.mdx', page(steps, 'presence: touch\n'))
  const refused = await space.as('carol', ['exec', 'x', '--yes'])
  expect([refused.code, refused.stderr]).toEqual([
    4,
    expect.stringContaining(
      'has no security key of carol@example.com for runbook-presence@v1; nothing was run',
    ),
  ])
  expect(existsSync(join(space.state, 'runs'))).toBe(false)
})

test('a key that cannot sign speaks to the person in the words of ssh-keygen', async () => {
  await using space = await lab()
  const silent = { ...space.env, SSH_AUTH_SOCK: join(space.root, 'none') }
  const refused = await space.as('alice', ['keys', 'add'], silent)
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/Couldn't|No private key|agent/i)])
  expect(refused.stderr).toContain('the words of ssh-keygen are above')
})

const go = (attributes: string): string =>
  `<Approval id="go" title="Go" approvers="bob@example.com" presence="touch" ${attributes}>\nRead it.\n</Approval>\n`

test('presence that a runbook reached by an include asks for is asked before the first step, except in practice', async () => {
  await using space = await lab()
  space.write('content/runbooks/inner.mdx', page(`${go('')}\n${commandStep('ship', 'touch shipped')}`))
  const outer = `${commandStep('first', 'touch first', 'effect="write"')}\n<Include id="all" title="All" runbook="inner" />\n`
  space.write('content/runbooks/outer.mdx', page(outer))
  const refused = await space.as('alice', ['exec', 'outer', '--yes'])
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('Step `go` asks')])
  expect(existsSync(join(space.root, 'first'))).toBe(false)
  expect((await space.as('alice', ['exec', 'outer', '--yes', '--practice'])).code).toBe(5)
  expect((await space.as('bob', ['approve', 'last', 'go', '--yes'])).code).toBe(0)
  const runs = JSON.parse((await space.as('alice', ['runs', '--json'])).stdout) as {
    run: string
    slug: string
    practice?: boolean
  }[]
  expect(runs.map(({ slug, practice }) => [slug, practice])).toEqual([
    ['inner', true],
    ['outer', true],
  ])
  const outerRun = runs.find(({ slug }) => slug === 'outer')?.run ?? ''
  expect((await space.as('alice', ['resume', outerRun, '--yes'])).code).toBe(0)
})

test.each([
  ['inputs decide that it is needed', "inputs.risky == 'yes'", 'yes', 4],
  ['inputs decide that it is not needed', "inputs.risky == 'yes'", 'no', 0],
  ['an output decides it later', "outputs.risk == 'yes'", 'no', 4],
])('an approval with a condition asks for keys before the run when %s', async (_, when, risky, code) => {
  await using space = await lab()
  const look = commandStep('look', 'echo "risk=no" >> "$RUNBOOK_OUTPUT"', 'effect="read" outputs="risk"')
  const inputs = 'inputs:\n  risky: { type: choice, options: [yes, no] }\n'.replaceAll(
    /\b(yes|no)\b/g,
    "'$1'",
  )
  space.write('content/runbooks/x.mdx', page(`${look}\n${go(`when="${when}"`)}`, inputs))
  const ran = await space.as('alice', ['exec', 'x', '-i', `risky=${risky}`, '--yes'])
  expect(ran.code, ran.stderr).toBe(code)
})

test('a service runs and is told as one, and never approves', async () => {
  await using space = await lab()
  const list = (more: string): void =>
    space.write(
      'content/people.yaml',
      `people:\n  bob@example.com:\n    roles: [boss]\n  ci@example.com:\n    kind: service\n${more}`,
    )
  list('')
  space.write('content/runbooks/x.mdx', page(commandStep('look', 'true', 'effect="read"')))
  const asCi = { RUNBOOK_ACTOR: 'ci@example.com', RUNBOOK_SIGNING_KEY: 'none' }
  expect((await space.runbook(['exec', 'x'], asCi)).code).toBe(0)
  expect((await space.runbook(['log', 'last'], asCi)).stdout).toContain('service')
  space.write(
    'content/runbooks/y.mdx',
    page('<Approval id="go" title="Go" approvers="ci@example.com">\nRead it.\n</Approval>\n'),
  )
  const refused = await space.as('alice', ['exec', 'y'])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('declares it as a service')])
  list('    roles: [boss]\n')
  const roles = await space.as('alice', ['check', 'x'])
  expect([roles.code, roles.stdout]).toEqual([3, expect.stringContaining('a service never approves')])
})
