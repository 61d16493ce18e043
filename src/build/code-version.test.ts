import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { codeVersion } from './code-version.ts'

const root = mkdtempSync(join(tmpdir(), 'runbook-code-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string): string {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
  return join(root, file)
}

test('the version of the code is that of its sources and of the installed packages, and not of their times', () => {
  const own = join(root, 'node_modules/runbook-pages/site')
  const inSite = (file: string): string => join('node_modules/runbook-pages/site', file)
  write(inSite('astro.config.mjs'), '1')
  write(inSite('src/components/Step.astro'), '1')
  const reader = write(inSite('runner/model/a.js'), '1')
  write('node_modules/.package-lock.json', '1')
  const before = codeVersion(own)
  utimesSync(reader, 1, 1)
  write(inSite('src/build/a.test.ts'), '1')
  write('package-lock.json', '1')
  expect(codeVersion(own)).toBe(before)
  const seen = new Set([before])
  for (const file of [
    inSite('astro.config.mjs'),
    inSite('src/components/Step.astro'),
    inSite('runner/model/a.js'),
    inSite('src/styles/new.css'),
    'node_modules/.package-lock.json',
  ]) {
    write(file, '2')
    seen.add(codeVersion(own))
  }
  expect(seen.size).toBe(6)
})
