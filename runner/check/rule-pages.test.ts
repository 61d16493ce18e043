import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openCache } from '../cache.ts'
import { checkAll } from './index.ts'
import { entryAt } from '../library.ts'
import { rules } from '../model/diagnostic-rules.ts'
import { makeKinds } from '../kinds/index.ts'

vi.setConfig({ testTimeout: 60_000 })

const folder = join(import.meta.dirname, '../../content/docs/errors')
const codes = Object.keys(rules)
const pageOf = (code: string): string => readFileSync(join(folder, `${code}.mdx`), 'utf8')
const example = (page: string) => /\n````(mdx|md)\n([\s\S]*?)````\n\n```text\n([\s\S]*?)\n```\n/.exec(page)

test('every code has a page, and every page a code', () => {
  // Findings about rule files have pages of their own; runner/alerts/alert-rules.test.ts looks at them.
  const pages = readdirSync(folder).filter((name) => !/^al\d\d\.mdx$/.test(name))
  expect(pages.toSorted()).toEqual(codes.map((code) => `${code}.mdx`).toSorted())
})

test.each(codes)('the page of %s says what it is, shows it, and how to fix it', (code) => {
  const page = pageOf(code)
  expect(page).toContain(
    `title: ${code}\ndescription: ${JSON.stringify(rules[code as keyof typeof rules].summary)}`,
  )
  expect(page).toMatch(/\n## Example\n[\s\S]*\n```text\n[\s\S]*\n## How to fix it\n\n\S/)
  expect(page).toContain(`: ${rules[code as keyof typeof rules].severity}: `)
})

test.each(codes.filter((code) => example(pageOf(code))))(
  'the example of %s leads to what its page shows',
  async (code) => {
    const [, format, text, output] = example(pageOf(code)) ?? []
    const root = mkdtempSync(join(tmpdir(), 'page-'))
    try {
      const path = join(root, `example.${format}`)
      writeFileSync(path, text ?? '')
      const cache = openCache({ RUNBOOK_CACHE: 'off' })
      const options = {
        cwd: root,
        content: root,
        kinds: makeKinds(),
        root,
        now: Date.parse('2026-11-21'),
        cache,
      }
      const findings = (await checkAll([entryAt(root, path)], options)).filter((each) => each.code === code)
      const shown = findings.map(({ place, severity, message, hint }) => {
        return `${place.file}:${place.line}:${place.column}: ${severity}: ${message} [${code}]\n  hint: ${hint}`
      })
      expect(shown[0]).toBe(output)
    } finally {
      rmSync(root, { recursive: true })
    }
  },
)
