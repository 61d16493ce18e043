import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unified } from '@astrojs/markdown-remark'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadConfig } from '../../runner/config.ts'
import type { Config } from '../../runner/config.ts'
import { remarkSteps } from '../remark/step-cards.ts'
import { readings } from './document-readings.ts'
import { renderTexts } from './render-texts.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runbook-texts-'))
  mkdirSync(join(root, 'content/runbooks'), { recursive: true })
  copyFileSync('test/fixtures/site/hard.mdx', join(root, 'content/runbooks/hard.mdx'))
  vi.stubEnv('RUNBOOK_CACHE', 'off')
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

/** Renders without what an earlier build kept. */
async function htmlOf(slug: string, config: Config): Promise<string | undefined> {
  const { content, kinds } = config
  const processor = unified({
    smartypants: false,
    remarkPlugins: [[remarkSteps, { root, content, kinds }] as never],
  })
  const astro = { markdown: { processor, syntaxHighlight: false }, root: new URL(`file://${root}/`) }
  const texts = await renderTexts(config, root, astro as never, join(root, 'kept.json'))
  return (await texts.textOf(slug))?.html
}

test('the tree that the reader parsed gives the text that parsing once more gives', async () => {
  const config = await loadConfig(root, { ...process.env })
  const [reading] = await readings(config, root)
  expect(reading?.body).toBeDefined()
  const once = await htmlOf('hard', config)
  expect(reading?.body).toBeUndefined()
  expect(once).toContain('data-step="one"')
  expect(await htmlOf('hard', config)).toBe(once)
})
