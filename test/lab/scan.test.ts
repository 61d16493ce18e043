import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, tempDir } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const advisory = {
  id: 1,
  url: 'https://github.com/advisories/GHSA-test-0001',
  title: 'Weak on the left',
  severity: 'high',
  vulnerable_versions: '<2.0.0',
}
let dir: string
let registry: Server
/** Whether the registry answers what npm asks of it. */
let answers = true

/** A registry with one weak package, and a checkout that has it. */
beforeAll(async () => {
  dir = await tempDir()
  mkdirSync(join(dir, 'shop'))
  const write = (name: string, value: object): void =>
    writeFileSync(join(dir, 'shop', name), JSON.stringify(value))
  const dependencies = { 'weak-left': '1.0.0' }
  write('package.json', { name: 'shop', version: '1.0.0', dependencies })
  write('package-lock.json', {
    name: 'shop',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'shop', version: '1.0.0', dependencies },
      'node_modules/weak-left': { version: '1.0.0' },
    },
  })
  registry = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (!answers) return response.writeHead(500).end('{}')
    const versions = { '1.0.0': { name: 'weak-left', version: '1.0.0' } }
    const isAudit = request.url?.includes('advisories/bulk')
    const packument = { name: 'weak-left', versions, 'dist-tags': { latest: '1.0.0' } }
    return response.end(JSON.stringify(isAudit ? { 'weak-left': [advisory] } : packument))
  })
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  registry.close().closeAllConnections()
  await cleanUp()
})

const accepted = (expires: string): string => {
  const file = join(dir, `accepted-${expires}.yaml`)
  writeFileSync(
    file,
    `acceptances: [{ id: GHSA-test-0001, reason: never called, by: bob@example.com, expires: ${expires} }]\n`,
  )
  return file
}
const scan = (...more: string[]): ReturnType<typeof runIn> =>
  runIn(root, ['scan', 'run', 'npm-audit', '--folder', join(dir, 'shop'), '--now', '2026-11-30', ...more], {
    npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
    npm_config_fetch_retries: '0',
  })

test('npm audit finds a weak package: it blocks, passes while its risk is accepted, and blocks after that day', async () => {
  expect(await scan('--accept', 'none')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('FAIL GHSA-test-0001 high weak-left'),
  })
  const ran = await scan('--accept', accepted('2026-12-01'))
  expect(ran).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('accepted until 2026-12-01 by bob@example.com'),
  })
  const expired = await scan('--accept', accepted('2026-11-29'))
  expect(expired).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('accepted only until 2026-11-29'),
  })
  expect((await scan('--accept', 'none', '--fail-on', 'critical')).code).toBe(0)
})

test('a registry that fails is inconclusive, and so is a scanner that is not installed', async () => {
  answers = false
  expect(await scan('--accept', 'none')).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('inconclusive'),
  })
  const missing = await runIn(root, ['scan', 'run', 'trivy'], { PATH: join(dir, 'nothing-here') })
  expect(missing).toMatchObject({ code: 3, stdout: expect.stringContaining('trivy is not installed') })
})
