import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startProxy } from '../../test/support/servers/proxy.ts'

const run = promisify(execFile)

test('a service is reached through the proxy of the environment, which sees no other host', async () => {
  const proxy = await startProxy()
  onTestFinished(proxy.close)
  const script = `
    import { REAL_PACE, politely } from ${JSON.stringify(join(import.meta.dirname, 'polite.ts'))}
    const send = politely({ everyMs: 0, tries: 1, limitMs: 30_000, pace: REAL_PACE })
    const { text } = await send({ method: 'POST', url: 'http://service.invalid/hook', headers: {}, body: {}, repeatable: false })
    process.stdout.write(text)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: { HTTP_PROXY: proxy.url },
  })
  expect(stdout).toBe('by the proxy')
  expect(proxy.asked).toEqual(['service.invalid:80'])
})

test('a program asks outside through the proxy of the environment, and its own machine directly', async () => {
  const proxy = await startProxy()
  const here = createServer((_, response) => void response.end('here'))
  const folder = mkdtempSync(join(tmpdir(), 'runbook-proxy-'))
  onTestFinished(() => {
    proxy.close()
    here.close()
    rmSync(folder, { recursive: true })
  })
  await new Promise<void>((begun) => here.listen(0, '127.0.0.1', begun))
  const file = join(folder, 'links.yaml')
  const own = `http://127.0.0.1:${(here.address() as AddressInfo).port}/`
  writeFileSync(
    file,
    `dashboards:\n${['http://outside.invalid/', own].map((url) => `  - { name: Page, url: "${url}", services: [shop] }\n`).join('')}`,
  )
  const program = join(import.meta.dirname, '../links.ts')
  const { stdout } = await run(process.execPath, [program, '--probe', '--file', file], {
    env: { http_proxy: proxy.url, no_proxy: 'other.invalid' },
  })
  expect(stdout.match(/✓/g)).toHaveLength(2)
  expect(proxy.asked).toEqual(['outside.invalid:80'])
})
