import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { newSecurityKey } from '../../support/sshsig.ts'
import { page } from '../../support/workspace.ts'

/** Has a keeper sign a list as it is now. */
function keep({ root }: SignedSpace, keeper: string, key: string, list = 'allowed_signers'): void {
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'runbook-keys@v1', '-f', key, list], {
    cwd: root,
    stdio: 'ignore',
  })
  mkdirSync(join(root, `${list}.sigs`), { recursive: true })
  renameSync(join(root, `${list}.sig`), join(root, `${list}.sigs`, `${keeper}.sig`))
}

const keepers = (space: SignedSpace, ...lines: [string, string][]): void =>
  space.write(
    'keepers',
    lines.map(([name, key]) => `${name} ${readFileSync(join(space.root, `${key}.pub`), 'utf8')}`).join(''),
  )

test('a list of keys counts with the signatures of its keepers, beside the run and in a bundle too', async () => {
  using space = signedSpace()
  keepers(space, ['carol', 'carol'], ['eve', 'eve'])
  keep(space, 'carol', 'carol')
  keep(space, 'eve', 'eve')
  await space.release()
  const verify = ['verify', 'last', '--keepers', 'keepers']
  const kept = await space.as('carol', verify)
  expect([kept.code, kept.stdout]).toEqual([0, expect.stringContaining('signed by carol, eve')])
  const require = ['require', 'release', '--keepers', 'keepers']
  expect((await space.as('carol', require)).code).toBe(0)
  expect((await space.as('carol', ['export', 'last', '-o', 'bundle'])).code).toBe(0)
  const recipe = (minimum: string): number | null =>
    spawnSync('sh', ['bundle/keys.sh', 'bundle/allowed_signers', 'keepers', minimum], { cwd: space.root })
      .status
  expect([recipe('2'), recipe('3')]).toEqual([0, 1])
  // A colleague adds a line to the list.
  const list = join(space.root, 'allowed_signers')
  writeFileSync(
    list,
    `${readFileSync(list, 'utf8')}eve@example.com ${readFileSync(join(space.root, 'eve.pub'), 'utf8')}`,
  )
  const changed = await space.as('carol', verify)
  expect([changed.code, changed.stdout]).toEqual([
    1,
    expect.stringContaining('no keeper signed it as it is now'),
  ])
  expect((await space.as('carol', require)).stderr).toContain('no keeper signed it')
  keep(space, 'carol', 'carol')
  expect((await space.as('carol', verify)).stdout).toContain('only carol signed it')
  expect((await space.as('carol', [...verify, '--keepers-min', '1'])).code).toBe(0)
})

test('one key is one keeper, and the keepers sign the list of revoked keys too', async () => {
  using space = signedSpace()
  keepers(space, ['carol', 'carol'], ['other', 'carol'], ['eve', 'eve'])
  keep(space, 'carol', 'carol')
  keep(space, 'other', 'carol')
  const check = ['keys', 'check', '--keepers', 'keepers']
  const doubled = await space.as('carol', check)
  expect([doubled.code, doubled.stdout]).toEqual([1, expect.stringContaining('only carol signed it')])
  keep(space, 'eve', 'eve')
  expect((await space.as('carol', check)).code).toBe(0)
  space.write('revoked_keys', readFileSync(join(space.root, 'bob.pub'), 'utf8'))
  const unsigned = await space.as('carol', check)
  expect([unsigned.code, unsigned.stdout]).toEqual([
    1,
    expect.stringContaining('revoked_keys needs the signatures'),
  ])
  const lone = await space.as('carol', ['verify', 'last', '--keepers-min', '2'])
  expect(lone.code).toBe(2)
})

test('keys check names keys with two names, keys of services, and approvers without a security key', async () => {
  using space = signedSpace()
  const list = (text: string): void => {
    const file = join(space.root, 'allowed_signers')
    writeFileSync(file, `${readFileSync(file, 'utf8')}${text}\n`)
  }
  const sound = await space.as('carol', ['keys', 'check'])
  expect([sound.code, sound.stdout]).toEqual([0, expect.stringContaining('it judges signatures of passkeys')])
  const go =
    '<Approval id="go" title="Go" approvers="bob@example.com" presence="touch">\nRead it.\n</Approval>\n'
  space.write('content/runbooks/x.mdx', page(go))
  const ofCi = newSecurityKey(5)
  space.write(
    'content/people.yaml',
    'people:\n  bob@example.com: {}\n  carol@example.com: {}\n  ci@example.com: { kind: service }\n',
  )
  list(`ci@example.com ${ofCi.line}`)
  list(`carol@example.com ${readFileSync(join(space.root, 'bob.pub'), 'utf8').trim()}`)
  list(`*@example.com ${readFileSync(join(space.root, 'eve.pub'), 'utf8').trim()}`)
  const { code, stdout } = await space.as('carol', ['keys', 'check'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/listed for bob@example\.com and for carol@example\.com: one key is one person/)
  expect(stdout).toContain('is listed for everybody whom `*@example.com` fits: one key is one person')
  expect(stdout).toContain('ci@example.com is a service and has a key for approvals')
  expect(stdout).toContain(
    'x: step `go` asks 1 of bob@example.com for presence `touch`, and none has a security key',
  )
})
