import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import {
  appendFileSync,
  renameSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { preAuthentication } from '../../../runner/journal/export/intoto.ts'
import { testInNode } from '../../support/in-node.ts'
import { releasedSpace, signedSpace } from '../../support/signing.ts'
import { authority } from '../../support/servers/time-stamps.ts'

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  })

test('an audit lists all runs by number, and a deleted run shows', async () => {
  using space = await releasedSpace()
  const { run: first } = space
  await space.release('1.5.0')
  const good = await space.as('alice', ['audit', '--json'])
  expect(good.code).toBe(0)
  const { runs, total } = JSON.parse(good.stdout) as {
    runs: { number: number; verdict: string }[]
    total: number
  }
  expect(total).toBe(2)
  expect(runs).toMatchObject([
    { number: 1, verdict: 'verified, signed' },
    { number: 2, verdict: 'verified, signed' },
  ])
  expect((await space.as('alice', ['audit', '--to', '2020-01-01'])).stdout).toContain('0 of 2 runs')
  rmSync(join(space.state, 'runs', first), { recursive: true })
  const missing = await space.as('alice', ['audit'])
  expect(missing.code).toBe(1)
  expect(missing.stdout).toContain(`Run 1, ${first}, is in the index and its folder is missing`)
})

test('a run deleted with its lines of the index shows in the signed heads of later runs', async () => {
  using space = await releasedSpace()
  const { run: first } = space
  await space.release('1.5.0')
  rmSync(join(space.state, 'runs', first), { recursive: true })
  const { chainEntries } = await import('../../support/evidence.ts')
  const { canonical } = await import('../../../runner/journal/record/canonical.ts')
  const index = join(space.state, 'heads.jsonl')
  const entries = readFileSync(index, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as never)
  const left = chainEntries(entries.filter(({ run }) => run !== first))
  writeFileSync(index, left.map((entry) => `${canonical(entry)}\n`).join(''))
  const { code, stdout } = await space.as('alice', ['audit'])
  expect(code).toBe(1)
  expect(stdout).toContain('a run before it was removed or changed')
})

test('require lets automation through only for a completed, approved and verified run of exactly this', async () => {
  using space = signedSpace()
  git(space.root, 'init', '-q')
  writeFileSync(join(space.root, '.gitignore'), '.runbook\n')
  git(space.root, 'add', '.')
  git(space.root, 'commit', '-qm', 'All')
  const required = (...more: string[]) =>
    space.as('alice', ['require', 'release', '-i', 'version=1.4.0', ...more])
  await space.release('1.4.0', '--practice')
  expect(await required()).toMatchObject({ code: 1, stderr: expect.stringContaining('it was a practice') })
  const run = await space.release('1.4.0')
  expect(await required('--commit', 'HEAD')).toMatchObject({ code: 0, stdout: `${run}\n` })
  expect((await space.as('alice', ['require', 'release', '-i', 'version=1.5.0'])).code).toBe(1)
  git(space.root, 'commit', '-q', '--allow-empty', '-m', 'More')
  expect(await required('--commit', 'HEAD')).toMatchObject({ code: 1 })
  expect((await required('--commit', 'HEAD^')).code).toBe(0)
  const list = join(space.root, 'allowed_signers')
  renameSync(list, join(space.root, 'kept'))
  expect(await required()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('give --allowed-signers'),
  })
  expect((await required('--allowed-signers', 'kept')).code).toBe(0)
  const mistyped = await required('--allowed-signers', 'kept', '--revoked', 'revokd')
  expect([mistyped.code, mistyped.stderr]).toEqual([2, expect.stringContaining('There is no file revokd')])
  renameSync(join(space.root, 'kept'), list)
  appendFileSync(join(space.state, 'runs', run, 'steps/ship.1.stdout'), 'x')
  expect((await required()).stderr).toContain('does not verify')
})

testInNode(
  'gc keeps runs for ninety days, never removes one that is not sealed, and the index says what it removed',
  async () => {
    using space = await releasedSpace()
    const { run: sealed } = space
    await space.as('alice', ['exec', 'release', '--yes'])
    expect((await space.as('alice', ['gc', '--older-than', '1d'])).code).toBe(2)
    expect(JSON.parse((await space.as('alice', ['gc', '--json'])).stdout)).toMatchObject({ removed: [] })
    for (const retention of ['0s', '1d', '89d']) {
      space.write('runbook.config.ts', `export default { retention: '${retention}' }\n`)
      const short = await space.as('alice', ['gc'])
      expect([short.code, short.stderr]).toEqual([2, expect.stringContaining('expected at least `90d`')])
    }
    space.write('runbook.config.ts', `export default { retention: '90d' }\n`)
    const later = 'const now = Date.now; Date.now = () => now() + 91 * 86400000'
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(later)}` }
    const { removed, kept } = JSON.parse((await space.as('alice', ['gc', '--json'], env)).stdout) as {
      removed: string[]
      kept: { why: string }[]
    }
    expect(removed).toEqual([sealed])
    expect(kept).toMatchObject([{ why: expect.stringContaining('not sealed') as string }])
    expect(existsSync(join(space.state, 'runs', sealed))).toBe(false)
    const audit = await space.as('alice', ['audit'])
    expect(audit).toMatchObject({ code: 0 })
    expect(audit.stdout).toContain('removed after its retention')
  },
)

test('a head anchored in a repository shows a tail that was cut and signed again', async () => {
  using space = await releasedSpace()
  const { run } = space
  git(space.root, 'init', '-q', 'anchors')
  const config = {
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  }
  const anchored = await space.as('alice', ['anchor', 'last', '--git', 'anchors'], config)
  expect(anchored.stdout).toContain('in commit')
  expect(
    (await space.as('alice', ['anchor', 'last', '--git', 'anchors', '--note', 'HEAD'], config)).code,
  ).toBe(0)
  expect((await space.as('alice', ['anchor', '--git', 'anchors'], config)).code).toBe(0)
  expect((await space.as('alice', ['audit', '--anchor-repo', 'anchors'])).code).toBe(0)
  const good = await space.as('alice', ['verify', 'last', '--anchor-repo', 'anchors'])
  expect(good.stdout).toContain('keeps this head')
  // The holder of alice's key writes another end and signs it; all that is on this machine agrees with it.
  const folder = join(space.state, 'runs', run)
  const lines = readFileSync(join(folder, 'run.jsonl'), 'utf8').trimEnd().split('\n')
  writeFileSync(
    join(folder, 'run.jsonl'),
    `${[...lines.slice(0, -1), lines.at(-1)?.replace('All 3 steps', 'All three steps')].join('\n')}\n`,
  )
  rmSync(join(folder, 'head.json'))
  const index = readFileSync(join(space.state, 'heads.jsonl'), 'utf8').trimEnd().split('\n')
  writeFileSync(join(space.state, 'heads.jsonl'), `${index.slice(0, -1).join('\n')}\n`)
  expect((await space.as('alice', ['close', 'last'])).code).toBe(0)
  expect((await space.as('alice', ['verify', 'last'])).code).toBe(0)
  const caught = await space.as('alice', ['verify', 'last', '--anchor-repo', 'anchors'])
  expect(caught).toMatchObject({ code: 1 })
  expect(caught.stdout).toContain('keeps another head of this run')
  expect((await space.as('alice', ['audit', '--anchor-repo', 'anchors'])).code).toBe(1)
})

test('a head is stamped by a time stamping authority, and a stamp of another head does not hold', async () => {
  using space = await releasedSpace()
  const { run } = space
  using tsa = await authority(join(space.root, 'tsa'))
  expect((await space.as('alice', ['anchor', 'last', '--tsa', tsa.url])).code).toBe(0)
  const good = await space.as('alice', ['verify', 'last', '--tsa-ca', 'tsa/ca.pem'])
  expect(good).toMatchObject({ code: 0 })
  expect(good.stdout).toContain('The authority stamped this head at')
  const other = await space.release()
  const stamp = 'head.json.tsr'
  writeFileSync(join(space.state, 'runs', other, stamp), readFileSync(join(space.state, 'runs', run, stamp)))
  expect((await space.as('alice', ['verify', other, '--tsa-ca', 'tsa/ca.pem'])).code).toBe(1)
})

test('a run is exported as JSON, Markdown, HTML and JUnit', async () => {
  using space = await releasedSpace()
  const { run } = space
  const exported = async (format: string) =>
    (await space.as('alice', ['export', 'last', '--format', format])).stdout
  expect(JSON.parse(await exported('json'))).toMatchObject({
    run,
    status: 'succeeded',
    verification: { signed: true },
  })
  expect(await exported('markdown')).toContain('**Verified, signed**')
  expect(await exported('html')).toContain('<strong>Verified, signed</strong>')
  expect(await exported('junit')).toContain('tests="3" failures="0" skipped="0"')
  for (const format of ['xml', 'constructor'])
    expect((await space.as('alice', ['export', 'last', '--format', format])).code).toBe(2)
})

test('an attestation is an in-toto statement in an envelope signed with an ed25519 or an SSH key, and never unsigned', async () => {
  using space = await releasedSpace()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  space.write('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const read = async (...more: string[]) => {
    const { stdout } = await space.as('alice', ['export', 'last', '--format', 'intoto', ...more])
    const { payload, signatures } = JSON.parse(stdout) as {
      payload: string
      signatures: { sig: string; keyid: string }[]
    }
    const text = Buffer.from(payload, 'base64').toString()
    return {
      text,
      statement: JSON.parse(text) as object,
      signature: Buffer.from(signatures[0]?.sig ?? '', 'base64'),
    }
  }
  const raw = await read('--key', 'key.pem')
  expect(raw.statement).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    predicate: { status: 'succeeded' },
  })
  expect(
    verify(
      null,
      Buffer.from(preAuthentication(raw.text)),
      createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
      raw.signature,
    ),
  ).toBe(true)
  const ssh = await read()
  space.write('sig', ssh.signature.toString())
  const args = [
    '-Y',
    'verify',
    '-f',
    'allowed_signers',
    '-I',
    'alice@example.com',
    '-n',
    'runbook-attestation@v1',
    '-s',
    'sig',
  ]
  expect(
    execFileSync('ssh-keygen', args, {
      cwd: space.root,
      input: preAuthentication(ssh.text),
      encoding: 'utf8',
    }),
  ).toContain('Good')
  expect(
    (await space.as('alice', ['export', 'last', '--format', 'intoto'], { RUNBOOK_SIGNING_KEY: 'none' })).code,
  ).toBe(2)
  expect(readdirSync(space.root)).not.toContain('attestation')
})
