import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf } from '../../support/attack/attack.ts'
import { signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { skAgent } from '../../support/servers/sk-agent.ts'
import type { SkAgent } from '../../support/servers/sk-agent.ts'
import { commandStep, page, runIn } from '../../support/workspace.ts'
import type { Ran } from '../../support/workspace.ts'

const steps = (presence: string): string =>
  `${commandStep('build', 'echo "commit=4f2a" >> "$RUNBOOK_OUTPUT"', 'effect="read" outputs="commit"')}\n` +
  `<Approval id="go" title="Ship \${{ outputs.commit }}" approvers="bob@example.com, carol@example.com" presence="${presence}">\nRead \`\${{ inputs.version }}\`.\n</Approval>\n\n` +
  commandStep('ship', 'touch shipped')
const frontmatter = 'inputs:\n  version: { type: semver, default: 1.4.0 }\n'

interface TwoMachines extends AsyncDisposable {
  /** Where alice runs. */
  space: SignedSpace
  agent: SkAgent
  /** The clone of bob, with a state folder of its own. */
  clone: string
  bob(args: readonly string[], env?: Record<string, string>): Promise<Ran>
  /** A run of alice that waits, and the file of its request in bob's clone. */
  request(): Promise<string>
}

function git(cwd: string, ...args: string[]): void {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.com', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...who, ...args], { cwd, stdio: 'ignore' })
}

/** Two machines: alice's workspace as a repository, and bob's clone of it. Bob has a security key. */
async function twoMachines(presence = 'verified'): Promise<TwoMachines> {
  const space = signedSpace()
  const agent = await skAgent(join(space.root, 'agent'))
  space.write('content/runbooks/x.mdx', page(steps(presence), frontmatter))
  const signers = readFileSync(join(space.root, 'allowed_signers'), 'utf8')
  space.write('allowed_signers', `${signers}bob@example.com namespaces="runbook-approval@v1" ${agent.line}\n`)
  space.write('.gitignore', '*\n!content/**\n!*/\n!allowed_signers\n!runbook.config.ts\n')
  git(space.root, 'init', '-q')
  git(space.root, 'add', '.')
  git(space.root, 'commit', '-qm', 'Begin')
  const home = mkdtempSync(join(tmpdir(), 'runbook-clone-'))
  const clone = join(home, 'clone')
  git(space.root, 'clone', '-q', space.root, clone)
  const bob: TwoMachines['bob'] = (args, env = {}) =>
    runIn(clone, args, { RUNBOOK_ACTOR: 'bob@example.com', ...agent.env, ...env })
  return {
    space,
    agent,
    clone,
    bob,
    async request() {
      const started = await space.as('alice', ['exec', 'x', '--yes'])
      expect(started.code, started.stderr).toBe(5)
      const request = await space.as('alice', ['request', 'last', 'go', '-o', 'go.request'])
      expect([request.code, request.stdout]).toEqual([0, expect.stringContaining('bob@example.com')])
      cpSync(join(space.root, 'go.request'), join(clone, 'go.request'))
      rmSync(join(space.root, 'go.request'))
      return join(clone, 'go.request')
    },
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]()
      rmSync(home, { recursive: true, force: true })
      space[Symbol.dispose]()
    },
  }
}

/** Changes the file of a request. */
function change(file: string, how: (request: Record<string, string>) => void): void {
  const request = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  how(request)
  writeFileSync(file, JSON.stringify(request))
}

test('a second person decides in their own clone, and the run goes on with their answer', async () => {
  await using two = await twoMachines()
  await two.request()
  const looked = await two.bob(['approve', 'go.request', '--dry-run'])
  expect([looked.code, looked.stdout]).toEqual([0, expect.stringContaining('step `go`: Ship 4f2a')])
  const approved = await two.bob(['approve', 'go.request', '-o', 'go.answer', '--yes'])
  expect([approved.code, approved.stderr]).toEqual([0, expect.stringContaining('Touch your security key')])
  expect(existsSync(join(two.clone, '.runbook'))).toBe(false)
  cpSync(join(two.clone, 'go.answer'), join(two.space.root, 'go.answer'))
  const answered = await two.space.as('alice', ['answer', 'go.answer'])
  expect([answered.code, answered.stdout]).toEqual([0, expect.stringMatching(/^approved go of .* by bob@/)])
  const again = await two.space.as('alice', ['answer', 'go.answer'])
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')])
  expect((await two.space.as('alice', ['resume', 'last', '--yes'])).code).toBe(0)
  const { code, stdout } = await two.space.as('alice', ['verify', 'last'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('bob@example.com: verified, security key')])
  const late = await two.space.as('alice', ['answer', 'go.answer'])
  expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('does not wait for `go/1`')])
  // The decision is about that run alone.
  expect((await two.space.as('alice', ['exec', 'x', '--yes'])).code).toBe(5)
  const other = eventsOf(two.space.root)[0]?.run ?? ''
  change(join(two.space.root, 'go.answer'), (answer) => (answer['run'] = other))
  const replayed = await two.space.as('alice', ['answer', 'go.answer'])
  expect([replayed.code, replayed.stderr]).toEqual([4, expect.stringContaining('made for another run')])
})

test('a request that shows anything but what its commit leads to is not signed', async () => {
  await using two = await twoMachines()
  const file = await two.request()
  const sound = readFileSync(file, 'utf8')
  const refused = async (): Promise<string> => {
    const { code, stderr } = await two.bob(['approve', 'go.request', '-o', 'go.answer', '--yes'])
    expect([code, existsSync(join(two.clone, 'go.answer'))]).toEqual([4, false])
    writeFileSync(file, sound)
    return stderr
  }
  change(file, (request) => (request['journal'] = request['journal']!.replace('Ship 4f2a', 'Look at 4f2a')))
  expect(await refused()).toContain('does not verify')
  change(file, (request) => (request['plan'] = request['plan']!.replace('touch shipped', 'touch other')))
  expect(await refused()).toContain('plan.json is not the plan')
  change(file, (request) => (request['document'] += '\nMore.\n'))
  expect(await refused()).toContain('document.mdx is not the document')
  // A journal whose chain was made anew, by whoever has the runner's account.
  change(
    file,
    (request) => (request['journal'] = rechained(request['journal']!, 'Ship 4f2a', 'Look at 4f2a')),
  )
  expect(await refused()).toContain('does not follow from its plan and journal')
  change(file, (request) => {
    const journal = request['journal']!.replaceAll(/"commit":"[0-9a-f]{40}"/g, `"commit":"${'0'.repeat(40)}"`)
    request['journal'] = rechained(journal)
  })
  expect(await refused()).toContain('Your clone has no runbook `x` at commit 000000000000')
})

test('a run from a commit that the clone does not have, or whose runbook is another there, is not signed', async () => {
  await using two = await twoMachines()
  const runbook = join(two.space.root, 'content/runbooks/x.mdx')
  writeFileSync(runbook, readFileSync(runbook, 'utf8').replace('touch shipped', 'touch other'))
  await two.request()
  const dirty = await two.bob(['approve', 'go.request', '--yes'])
  expect([dirty.code, dirty.stderr]).toEqual([4, expect.stringContaining('is not `x` of your clone')])
  git(two.space.root, 'commit', '-qam', 'Local')
  await two.space.as('alice', ['abandon', 'last', '--reason', 'x'])
  await two.request()
  const local = await two.bob(['approve', 'go.request', '--yes'])
  expect([local.code, local.stderr]).toEqual([4, expect.stringContaining('Your clone has no runbook')])
})

test("the approver's own configuration is a floor, and other keys and roles than theirs are said", async () => {
  await using two = await twoMachines('touch')
  await two.request()
  const signers = join(two.clone, 'allowed_signers')
  writeFileSync(signers, `${readFileSync(signers, 'utf8')}# Mine\n`)
  const approve = ['approve', 'go.request', '-o', 'go.answer', '--yes']
  const approved = await two.bob(approve)
  expect([approved.code, approved.stderr]).toEqual([0, expect.stringContaining('another list of keys')])
  writeFileSync(join(two.clone, 'runbook.config.ts'), "export default { presence: 'verified' }\n")
  const refused = await two.bob(approve)
  expect([refused.code, refused.stderr]).toEqual([
    4,
    expect.stringContaining('your runbook.config.ts for `verified`'),
  ])
})

/** A journal with a text replaced and its chain made anew, as whoever has the runner's account can write it. */
function rechained(journal: string, from = '', to = ''): string {
  let prev = '0'.repeat(64)
  return journal
    .trimEnd()
    .split('\n')
    .map((line) => {
      const changed = from === '' ? line : line.replaceAll(from, to)
      const made = `${changed.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`)}\n`
      prev = createHash('sha256').update(made).digest('hex')
      return made
    })
    .join('')
}
