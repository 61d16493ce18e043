import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startComponent } from '../../scripts/lab/servers/component.ts'
import type { Component } from '../../scripts/lab/servers/component.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, runScript, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'
import { testAuthority } from '../support/certificates.ts'
import type { TestAuthority } from '../support/certificates.ts'
import { runIn } from '../support/workspace.ts'
import { patienceMs } from '../support/patience.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let dir: string
let at: string
let nginx: Component
let authority: TestAuthority

/** An nginx that serves `live.pem`. */
beforeAll(async () => {
  dir = await tempDir()
  authority = testAuthority(dir)
  install('expiring', 20)
  const port = await anotherPort(0, 0, [])
  at = `127.0.0.1:${port}`
  await mkdir(join(dir, 'temporary'))
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off;\npid ${dir}/nginx.pid;\nerror_log ${dir}/error.log;\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path temporary;\n` +
      `  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${dir}/live.pem; ssl_certificate_key ${dir}/live.key; return 200 here; }\n}\n`,
  )
  nginx = startComponent('nginx', ['-c', join(dir, 'nginx.conf'), '-p', dir], dir, () => undefined)
  const up = await waitFor(async () => (await check()).stdout.includes('until') || undefined, patienceMs)
  if (up === undefined) throw nginx.failure()
})
afterAll(async () => {
  await nginx.stop()
  await cleanUp()
})

/** Puts a certificate of so many days where the server reads it. */
function install(name: string, days: number, host = 'shop.example'): void {
  const { certificate, key } = authority.issue(name, host, days)
  writeFileSync(join(dir, 'live.pem'), readFileSync(certificate))
  writeFileSync(join(dir, 'live.key'), readFileSync(key))
}

const check = (...more: string[]): Promise<Ran> =>
  runScript('certificates.ts', '--at', at, '--host', 'shop.example', '--ca', authority.ca, ...more)
const firstFingerprint = (ran: Ran): string =>
  (JSON.parse(ran.stdout) as { certificates: { fingerprint: string }[] }).certificates[0]?.fingerprint ?? ''

function renew(name: string, reload: string): ReturnType<typeof runIn> {
  const inputs = {
    host: 'shop.example',
    at,
    ca: authority.ca,
    renewed: join(dir, `${name}.pem`),
    renewed_key: join(dir, `${name}.key`),
    installed: join(dir, 'live.pem'),
    installed_key: join(dir, 'live.key'),
    reload,
  }
  const answers = join(dir, 'answers.yaml')
  writeFileSync(answers, 'actor: test@example.com\nanswers:\n  order: done\n  after: done\n')
  const given = Object.entries(inputs).flatMap(([key, value]) => ['-i', `${key}=${value}`])
  return runIn(root, ['exec', 'certificate-renewal', ...given, '--yes', '--answers', answers], {
    RUNBOOK_STATE: join(dir, 'state'),
  })
}

test('a server whose certificate ends in 20 days is a warning, and with 21 days as the limit a failure', async () => {
  expect(await check()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^warn .* ends in (19|20) days/),
  })
  expect((await check('--fail', '21d')).code).toBe(1)
})

test('a server with another name, without trust, or without an answer fails', async () => {
  const named = await runScript('certificates.ts', '--at', at, '--host', 'api.example', '--ca', authority.ca)
  expect(named).toMatchObject({ code: 1, stdout: expect.stringContaining('not for the name api.example') })
  const untrusted = await runScript('certificates.ts', '--at', at, '--host', 'shop.example')
  expect(untrusted).toMatchObject({ code: 1, stdout: expect.stringContaining('not trusted') })
  const closed = await runScript('certificates.ts', '--at', '127.0.0.1:9')
  expect(closed).toMatchObject({ code: 1, stdout: expect.stringContaining('cannot be read') })
})

test('the renewal refuses a certificate of another host and changes nothing', async () => {
  const before = readFileSync(join(dir, 'live.pem'), 'utf8')
  authority.issue('wrong', 'other.example', 365)
  const ran = await renew('wrong', 'false')
  expect(ran.code).toBe(1)
  expect(readFileSync(join(dir, 'live.pem'), 'utf8')).toBe(before)
})

test('a server that does not take the new certificate gets the one from before again', async () => {
  const before = readFileSync(join(dir, 'live.pem'), 'utf8')
  authority.issue('unread', 'shop.example', 365)
  const ran = await renew('unread', `test -e ${dir}/reloads || { touch ${dir}/reloads; exit 1; }`)
  expect(ran.code, ran.stderr).not.toBe(0)
  expect(ran.stderr).toContain('Rolled back')
  expect(readFileSync(join(dir, 'live.pem'), 'utf8')).toBe(before)
})

test('the renewal gives users the new certificate, while the server goes on', async () => {
  const before = firstFingerprint(await check('--json'))
  authority.issue('renewed', 'shop.example', 365)
  const ran = await renew('renewed', `kill -HUP ${nginx.child.pid}`)
  expect(ran.code, ran.stderr).toBe(0)
  const after = await check('--json')
  expect(after.code).toBe(0)
  expect(firstFingerprint(after)).not.toBe(before)
  expect(nginx.ended()).toBeUndefined()
})
