import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { releasedSpace, signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

interface Result {
  verified: boolean
  signed: boolean
  ended: boolean
  checks: { name: string; status: string; message: string }[]
}

async function verify(
  space: SignedSpace,
  name = 'last',
  ...more: string[]
): Promise<{ code: number | null; result: Result; failed: string[] }> {
  const { code, stdout } = await space.as('alice', ['verify', name, '--json', ...more])
  const result = JSON.parse(stdout) as Result
  return {
    code,
    result,
    failed: result.checks.filter(({ status }) => status === 'failed').map(({ name: check }) => check),
  }
}

const change = (file: string, edit: (text: string) => string): void =>
  writeFileSync(file, edit(readFileSync(file, 'utf8')))

test('a signed run with a signed approval verifies, in words and as JSON, with exit code 0', async () => {
  using space = await releasedSpace()
  const { run } = space
  const { code, stdout } = await space.as('alice', ['verify', 'last'])
  expect(code).toBe(0)
  expect(stdout).toContain('Verified, signed')
  expect(stdout).toContain('ok     approvals  1 decision, by bob@example.com')
  expect(await verify(space, run)).toMatchObject({
    code: 0,
    result: { verified: true, signed: true },
    failed: [],
  })
  expect((await verify(space, join('.runbook/runs', run))).code).toBe(0)
})

test('an unsigned run is called UNSIGNED when it ends and when it is verified', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('one', 'echo hi')) })
  const env = { RUNBOOK_SIGNING_KEY: 'none' }
  expect((await space.runbook(['exec', 'x', '--yes'], env)).stderr).toContain('UNSIGNED')
  const { code, stdout } = await space.runbook(['verify', 'last'], env)
  expect(code).toBe(0)
  expect(stdout).toContain('Intact, UNSIGNED')
})

test('where the signers are known, a run without a signature does not verify', async () => {
  using space = await releasedSpace()
  rmSync(join(space.state, 'runs', readdirSync(join(space.state, 'runs'))[0] ?? '', 'head.json.sig'))
  expect(await verify(space)).toMatchObject({ code: 1, failed: ['signature'] })
})

test('an edited journal, a changed output and a changed document each fail with exit code 1', async () => {
  using space = await releasedSpace()
  const folder = join(space.state, 'runs', space.run)
  const journal = readFileSync(join(folder, 'run.jsonl'), 'utf8')
  change(join(folder, 'run.jsonl'), (text) => text.replace('"approved"', '"approveD"'))
  expect(await verify(space)).toMatchObject({ code: 1, failed: ['chain'] })
  writeFileSync(join(folder, 'run.jsonl'), journal)
  change(join(folder, 'steps/build.1.stdout'), () => 'built 9.9.9\n')
  change(join(folder, 'document.mdx'), (text) => `${text} `)
  expect((await verify(space)).failed).toEqual(['document', 'outputs'])
})

test('a run that waits is not ended: no check fails, it is not verified, and the exit code says so', async () => {
  using space = signedSpace()
  await space.as('alice', ['exec', 'release', '--yes'])
  const { code, result, failed } = await verify(space)
  expect({ code, failed, ended: result.ended, verified: result.verified }).toEqual({
    code: 7,
    failed: [],
    ended: false,
    verified: false,
  })
  const { stdout } = await space.as('alice', ['verify', 'last'])
  expect(stdout).toContain('Not ended; what is there holds')
  expect(await space.as('alice', ['audit'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('not ended') as string,
  })
  const [run = ''] = readdirSync(join(space.state, 'runs'))
  const recipe = spawnSync('sh', ['runner/journal/recipe/verify.sh', join(space.state, 'runs', run)])
  expect(recipe).toMatchObject({ status: 7 })
  change(join(space.state, 'runs', run, 'plan.json'), (text) => text.replace('Go or no-go', 'Go'))
  expect(await verify(space)).toMatchObject({ code: 1, failed: ['plan'] })
})

test("the runner believes no approval that is unsigned, a stranger's, or left in the inbox by hand", async () => {
  using space = signedSpace()
  await space.as('alice', ['exec', 'release', '--yes'])
  const unsigned = await space.as('bob', ['approve', 'last', 'go', '--yes'], { RUNBOOK_SIGNING_KEY: 'none' })
  expect(unsigned).toMatchObject({ code: 4 })
  expect(unsigned.stderr).toContain('UNSIGNED')
  const stranger = await space.as('bob', ['approve', 'last', 'go', '--yes'], { RUNBOOK_SIGNING_KEY: 'eve' })
  expect(stranger.stderr).toContain('does not hold')
  const [run = ''] = readdirSync(join(space.state, 'runs'))
  const by = { id: 'bob@example.com', host: 'x', via: 'approve' }
  space.write(
    `.runbook/runs/${run}/inbox/go%2F1.json`,
    JSON.stringify({ decision: 'approved', reason: '', by }),
  )
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(5)
  expect(existsSync(join(space.state, 'runs', run, 'inbox/go%2F1.json.refused'))).toBe(true)
})

test('an approval of one run does not count in another, though all but the run is the same', async () => {
  using space = signedSpace()
  await space.as('alice', ['exec', 'release', '--yes'])
  await space.as('bob', ['approve', 'last', 'go', '--yes'])
  const [first = ''] = readdirSync(join(space.state, 'runs'))
  const inbox = (run: string): string => join(space.state, 'runs', run, 'inbox/go%2F1.json')
  const stolen = readFileSync(inbox(first))
  await space.as('alice', ['resume', 'last', '--yes'])
  await space.as('alice', ['exec', 'release', '--yes'])
  const second = readdirSync(join(space.state, 'runs')).find((run) => run !== first) ?? ''
  writeFileSync(inbox(second), stolen)
  expect((await space.as('alice', ['resume', second, '--yes'])).code).toBe(5)
  expect(existsSync(`${inbox(second)}.refused`)).toBe(true)
})

test('the agent signs, and so does the key git signs with', async () => {
  using space = signedSpace()
  const agent = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' })
  const socket = /SSH_AUTH_SOCK=([^;]+)/.exec(agent)?.[1] ?? ''
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1])
  try {
    execFileSync('ssh-add', ['-q', join(space.root, 'alice')], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
    })
    space.write('content/runbooks/one.mdx', page(commandStep('one', 'true')))
    const withAgent = { SSH_AUTH_SOCK: socket, RUNBOOK_SIGNING_KEY: 'agent' }
    expect((await space.as('alice', ['exec', 'one', '--yes'], withAgent)).code).toBe(0)
    expect(await verify(space)).toMatchObject({ code: 0, result: { signed: true } })
    space.write(
      'gitconfig',
      `[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = ${join(space.root, 'alice.pub')}\n`,
    )
    const withGit = {
      SSH_AUTH_SOCK: socket,
      RUNBOOK_SIGNING_KEY: '',
      GIT_CONFIG_GLOBAL: join(space.root, 'gitconfig'),
    }
    expect((await space.as('alice', ['exec', 'one', '--yes'], withGit)).code).toBe(0)
    expect(await verify(space)).toMatchObject({ code: 0, result: { signed: true } })
  } finally {
    process.kill(pid)
  }
})

test('a key that had expired before the run fails, and one that expires later holds for ever', async () => {
  using space = await releasedSpace()
  const list = join(space.root, 'list')
  const until = (day: string): void => {
    const text = readFileSync(join(space.root, 'allowed_signers'), 'utf8')
    writeFileSync(list, text.replace('bob@example.com ', `bob@example.com valid-before="${day}",`))
  }
  until('20200101')
  expect((await verify(space, 'last', '--allowed-signers', 'list')).failed).toEqual(['signature'])
  until('20990101')
  expect((await verify(space, 'last', '--allowed-signers', 'list')).code).toBe(0)
  cpSync(join(space.root, 'alice.pub'), join(space.root, 'revoked_keys'))
  expect((await verify(space)).failed).toEqual(['signature'])
})

test('a runbook that asks for a second person verifies only when one who did not run it has closed it', async () => {
  using space = signedSpace('close: second-person\n')
  await space.release()
  expect((await verify(space)).failed).toEqual(['closing'])
  expect((await space.as('eve', ['close', 'last', '--yes'])).code).toBe(4)
  expect((await space.as('carol', ['close', 'last', '--yes'])).stdout).toContain('closed')
  expect(await verify(space)).toMatchObject({ code: 0, result: { signed: true } })
})

test('a run whose end was cut short by a crash before it was sealed is sealed by whoever ran it', async () => {
  using space = await releasedSpace()
  const { run } = space
  rmSync(join(space.state, 'runs', run, 'head.json'))
  expect((await verify(space)).failed).toContain('head')
  expect((await space.as('alice', ['close', 'last'])).stdout).toContain('sealed')
  expect((await verify(space)).code).toBe(0)
})

test('a bundle is checked by its own recipe without this program, and by verify; tampered, by neither', async () => {
  using space = await releasedSpace()
  expect((await space.as('alice', ['export', 'last', '-o', 'bundle'])).code).toBe(0)
  const bundle = join(space.root, 'bundle')
  const recipe = (): { status: number | null; stdout: string } =>
    spawnSync('sh', [join(bundle, 'verify.sh'), bundle, join(space.root, 'allowed_signers')], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    })
  expect(recipe()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(
      /^VERIFIED, signed by alice@example\.com\napproved: step \S+, by bob@example\.com, for the run of alice@example\.com, \S+\n$/,
    ),
  })
  expect((await verify(space, 'bundle')).code).toBe(0)
  expect(readFileSync(join(bundle, 'STATEMENT.md'), 'utf8')).toContain('What is not proven')
  change(join(bundle, 'steps/ship.1.stdout'), () => 'shipped twice\n')
  expect(recipe().status).toBe(1)
  expect(await verify(space, 'bundle')).toMatchObject({ code: 1, failed: ['outputs'] })
})
