import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readEntry, readUnreleased } from '../../scripts/changelog.ts'
import { STOREFRONT } from '../../scripts/lab/service/storefront-files.ts'
import { cleanUp, runScript, tempDir } from './support.ts'

afterEach(cleanUp)

function changelog(heading: string, body = '### Added\n\n- A thing.\n'): string {
  return `# Changelog\n\n## [Unreleased]\n\n${heading}\n\n${body}\n## [1.3.0] - 2026-09-08\n\n- Before.\n`
}

test.each([
  '## [1.4.0] - 2026-10-27',
  '## 1.4.0 - 2026-10-27',
  '## [v1.4.0](https://example.com/x) – 2026-10-27',
])('%s is an entry', (heading) => {
  expect(readEntry(changelog(heading), '1.4.0')).toEqual({
    version: '1.4.0',
    date: '2026-10-27',
    lines: ['- A thing.'],
    knownIssues: [],
  })
})

test('known issues are told apart from what changed, and what is unreleased from both', () => {
  const body = '### Added\n\n- A thing.\n\n### Known issues\n\n- It is slow.\n\n### Fixed\n\n- A fault.\n'
  const text = changelog('## [1.4.0] - 2026-10-27', body).replace(
    '[Unreleased]\n',
    '[Unreleased]\n\n- More.\n',
  )
  expect(readEntry(text, '1.4.0')).toMatchObject({
    lines: ['- A thing.', '- A fault.'],
    knownIssues: ['- It is slow.'],
  })
  expect(readUnreleased(text)).toEqual(['- More.'])
})

test.each(['2025-01-XX', 'TBD', '', '2026-13-01', '2026-02-30', '27.10.2026', '2026-10-27 (planned)'])(
  'the date "%s" is not real',
  (date) => {
    expect(() => readEntry(changelog(`## [1.4.0] - ${date}`), '1.4.0')).toThrow('has no real date')
  },
)

test.each([
  ['nothing', ''],
  ['only headings', '### Added\n\n### Fixed\n'],
  ['an empty bullet', '### Added\n\n-\n'],
  ['a comment', '<!--\n- Say what changed.\n-->\n'],
  ['a link definition', '[1.4.0]: https://example.com/compare\n'],
])('an entry with %s is empty', (_, body) => {
  expect(() => readEntry(changelog('## [1.4.0] - 2026-10-27', body), '1.4.0')).toThrow('is empty')
})

test('an entry inside a comment or a fence is none', () => {
  const entry = '## [1.4.0] - 2026-10-27\n\n- A thing.\n'
  for (const hidden of [`<!--\n${entry}-->`, `\`\`\`md\n${entry}\`\`\``]) {
    expect(() => readEntry(`# Changelog\n\n${hidden}\n`, '1.4.0')).toThrow('has no entry for 1.4.0')
  }
})

test('an entry given twice is refused', () => {
  expect(() => readEntry(changelog('## [1.3.0] - 2026-10-27'), '1.3.0')).toThrow('2 entries for 1.3.0')
})

test('the product of the lab has entries for its versions', () => {
  const text = STOREFRONT.at(-1)?.files['CHANGELOG.md'] ?? ''
  for (const version of ['1.3.0', '1.4.0']) expect(readEntry(text, version).lines.length).toBeGreaterThan(0)
})

test('a placeholder date ends the program with 1 and what to do', async () => {
  const file = join(await tempDir(), 'CHANGELOG.md')
  await writeFile(file, changelog('## [1.4.0] - 2025-01-XX'))
  const ran = await runScript('changelog.ts', 'check', '--file', file, '--version', '1.4.0')
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toBe(
    'error: The entry for 1.4.0 has no real date: expected an ISO date, got `2025-01-XX`\n  hint: Write the day of the release: "## [1.4.0] - YYYY-MM-DD".\n',
  )
})
