import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cleanUp, startLab, startScript, tempDir } from '../scripts/support.ts'
import { launch, open } from '../site/support/browser.ts'
import { alone, runNode } from '../site/support/build.ts'
import { serve } from '../site/support/server.ts'

afterAll(cleanUp)

/** A site of its own whose status page hears the messages of a server. */
async function siteThatHears(toasts: string): Promise<string> {
  const root = await tempDir()
  mkdirSync(join(root, 'content/status/incidents'), { recursive: true })
  mkdirSync(join(root, 'content/runbooks'))
  copyFileSync('content/status/components.yml', join(root, 'content/status/components.yml'))
  writeFileSync(join(root, 'content/runbooks/one.md'), '# One\n\n```bash\ntrue\n```\n')
  writeFileSync(join(root, 'runbook.config.ts'), `export default { toasts: '${toasts}' }\n`)
  const args = [resolve('runner/main.mjs'), 'site', 'build', '--out', join(root, 'site')]
  const built = await alone(() => runNode({ ...process.env, ASTRO_TELEMETRY_DISABLED: '1' }, args, root))
  expect(built.code, built.text).toBe(0)
  return root
}

test('each message about an incident reaches the open page of the shop and the open status page, once', async () => {
  const lab = await startLab(await tempDir(), '--with', 'redis')
  const { redis = '', toasts = '' } = (await lab.state()).servers
  const root = await siteThatHears(toasts)
  const [site, browser] = await Promise.all([serve(join(root, 'site')), launch()])
  try {
    const pages = await Promise.all(
      [`${lab.url}/`, `${site.origin}/status/`].map((address) => open(browser, address)),
    )
    const before = { ...process.env }
    Object.assign(process.env, { REDIS_URL: redis, NOTIFY_OUTBOX: join(root, 'outbox') })
    const dir = ['--dir', join(root, 'content/status')]
    const create = ['--status', 'investigating', '--component', 'api', '--key', 'k', '--message', 'We look.']
    const end = ['--incident-id', 'last', '--action', 'resolve', '--message', 'It is over.']
    for (const args of [create, create, end]) await startScript('status-page.ts', [...args, ...dir]).ended
    process.env = before
    for (const { page, complaints } of pages) {
      await page.getByText('It is over.').waitFor()
      expect(await page.locator('[role="status"] li').allTextContents()).toEqual(['It is over.', 'We look.'])
      expect(complaints).toEqual([])
    }
  } finally {
    await browser.close()
    await site.close()
  }
})
