import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, tempDir } from './support.ts'

const program = fileURLToPath(new URL('../../scripts/feed.ts', import.meta.url))

afterAll(cleanUp)

function feed(args: readonly string[], key = ''): { code: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, RELEASE_SIGNING_KEY: key }
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env,
  })
  return { code: status, stdout, stderr }
}

test('a signed feed is signed anew at each stage, and is refused without its signature', async () => {
  const folder = await tempDir()
  const [setup, latest, key, signers] = ['Shop.AppImage', 'latest-linux.yml', 'key', 'signers'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  writeFileSync(setup, 'the program')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  writeFileSync(signers, `updates@example.com ${readFileSync(`${key}.pub`, 'utf8')}`)
  const write = ['write', setup, '--version', '1.4.0', '--platform', 'linux', '--sign']
  const check = ['check', latest, '--signers', signers, '--signer', 'updates@example.com']

  expect(feed(write)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('RELEASE_SIGNING_KEY is not set') as string,
  })
  expect(existsSync(latest)).toBe(false)
  expect(feed(write, key)).toMatchObject({ code: 0 })
  expect(feed(check)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1.4.0 for 10 % of the users, signed by updates@example.com') as string,
  })
  for (const unsigned of [['stage', latest, '--to', '50'], write.slice(0, -1)])
    expect(feed(unsigned)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('would be the signature of other bytes') as string,
    })
  expect(feed(['stage', latest, '--to', '50', '--sign'], key)).toMatchObject({ code: 0 })
  expect(feed([...check, '--staging', '50'])).toMatchObject({ code: 0 })
  expect(feed(['check', latest, '--signers', signers])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--signer') as string,
  })
  rmSync(`${latest}.sig`)
  expect(feed(check)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('latest-linux.yml.sig cannot be read') as string,
  })
})
