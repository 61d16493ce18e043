import * as fc from 'fast-check'
import type { Code } from 'mdast'
import { expect, test } from 'vitest'
import { kinds } from '../kinds/all.ts'
import { parseMarkdown, parseMdx } from './text/parse.ts'
import { readRunbook } from './read-runbook.ts'
import type { RunbookReading } from './read-runbook.ts'
import { descendants } from './text/tree.ts'
import { document } from '../../test/support/documents.ts'
import { effort } from '../../test/support/effort.ts'

const formats = ['md', 'mdx'] as const
const read = (bytes: Uint8Array | string, format: 'md' | 'mdx'): RunbookReading =>
  readRunbook({ file: `page.${format}`, slug: 'page', bytes: Buffer.from(bytes) }, kinds)

const codes = (reading: RunbookReading): string[] => [...new Set(reading.diagnostics.map(({ code }) => code))]

test('any bytes lead to a reading, never to an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...formats), (bytes, format) => {
      expect(read(bytes, format).document.slug).toBe('page')
    }),
    effort(100, 10_000),
  )
})

const pieces = fc.constantFrom(
  '---\n',
  'title: x\n',
  '```bash\n',
  '```\n',
  '<',
  '>',
  '{',
  '}',
  '<Command ',
  'id="a"',
  '/>',
  '</Command>\n',
  '\n',
  '- ',
  '> ',
  '${{ ',
  ' }}',
  '<!--',
  '-->',
  '\u0000',
  '\uFEFF',
  '\r\n',
  '\uD800',
  '|',
  '[^1]',
  '$ ls\n',
  '# ',
  '"',
  '/*',
  '*/',
)

test('any mixture of what documents are made of leads to a reading', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), fc.constantFrom(...formats), (parts, format) => {
      const reading = read(parts.join(''), format)
      for (const { place, hint } of reading.diagnostics) {
        expect(place.line).toBeGreaterThan(0)
        expect(hint).toBeTruthy()
      }
    }),
    effort(300, 20_000),
  )
})

const isShell = (node: Code): boolean => /^(bash|sh|shell|console|zsh|shell-session)$/i.test(node.lang ?? '')

test('every fence that Markdown sees as shell is a step, a finding, or an example', () => {
  fc.assert(
    fc.property(document, (text) => {
      const { document: page, diagnostics } = read(text, 'md')
      const lines = new Set([
        ...page.steps.map(({ place }) => place.line),
        ...diagnostics.map(({ place }) => place.line),
      ])
      for (const node of descendants(parseMarkdown(text), 'code').filter(isShell)) {
        const silent =
          !/\bexample\b/.test(node.meta ?? '') &&
          node.value.trim() !== '' &&
          !lines.has(node.position?.start.line ?? 0)
        expect(silent).toBe(false)
      }
      expect(new Set(page.steps.map(({ id }) => id)).size).toBe(page.steps.length)
      for (const { id } of page.steps) expect(id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    }),
    effort(100, 5000),
  )
})

test.each([
  ['inside HTML', '<details>\n<summary>x</summary>\n```console\n$ ls\n```\n</details>', 'fence-in-html'],
  ['inside a comment', '<!--\n> ```terminal\n> ls\n> ```\n-->', 'step-in-comment'],
  ['preformatted', '<pre class="x"><code class="y">$ ls</code></pre>', 'fence-in-html'],
])('a shell fence %s is reported', (_, text, code) => {
  expect(codes(read(text, 'md'))).toContain(code)
})

test('a shell fence with something stuck to its language is a step', () => {
  for (const lang of ['bash<x>', 'sh|x', 'zsh"', 'bash\\'])
    expect(read(`\`\`\`${lang}\nls\n\`\`\`\n`, 'md').document.steps).toHaveLength(1)
})

test('HTML in a heading is neither in its name nor in its anchor', () => {
  const { document: page } = read('## <a name="old"></a>Try <sup>1</sup>\n\n```bash\nls\n```\n', 'md')
  expect(page.steps.map(({ id, title }) => [id, title])).toEqual([['try-1', 'Try 1']])
  expect(page.anchors.map(({ name }) => name)).toEqual(expect.arrayContaining(['old', 'try-1']))
})

test('a template that is wrong is pointed at, in a quote as well', () => {
  const fence = '> ```http\n> GET http://127.0.0.1/\n> X: ${{ inputs.gone }}\n> ```'
  const { diagnostics } = read(
    `---\ntitle: x\n---\n\n> <Http id="a" title="A">\n>\n${fence}\n>\n> </Http>\n`,
    'mdx',
  )
  expect(diagnostics.map(({ code, place }) => [code, place])).toEqual([
    ['unknown-reference', { file: 'page.mdx', line: 9, column: 6, endLine: 9, endColumn: 24 }],
  ])
})

test('the ends of lines do not matter', () => {
  fc.assert(
    fc.property(document, (text) => {
      const steps = (reading: RunbookReading) =>
        reading.document.steps.map(({ id, fences, place }) => ({ id, code: fences[0]?.code, place }))
      expect(steps(read(text.replaceAll('\n', '\r\n'), 'md'))).toEqual(steps(read(text, 'md')))
      expect(steps(read(`\uFEFF${text}`, 'md'))).toEqual(steps(read(text, 'md')))
    }),
    effort(100, 3000),
  )
})

test.each([
  ['lists', Array.from({ length: 300 }, (_, depth) => `${'  '.repeat(depth)}- a`).join('\n')],
  ['quotes', `${'> '.repeat(5000)}x`],
  ['list items on one line', `${'- '.repeat(5000)}x`],
])('%s that are nested too deeply are refused', (_, text) => {
  for (const format of formats)
    expect(codes(read(`---\ntitle: x\n---\n${text}`, format))).toContain('too-deep')
})

test.each([
  ['emphasis', '*a_'.repeat(30_000)],
  ['HTML on one line', 'lorem <b>{x}</b> '.repeat(10_000)],
])('a paragraph with thousands of marks, of %s, is refused at its line', (_, text) => {
  for (const format of formats) {
    const { diagnostics } = read(`---\ntitle: x\n---\n\n${text}\n`, format)
    expect(diagnostics.map(({ code, place }) => [code, place.line])).toEqual([['too-large', 5]])
  }
})

test('a long list, a long table and a long fence may have as many marks as they like', () => {
  for (const line of ['- **a** `b` [c](d)', '| *a* | `b_c` |', '<td>a</td>'])
    expect(codes(read(`# A\n\n${`${line}\n`.repeat(3000)}`, 'md'))).not.toContain('too-large')
  expect(codes(read(`# A\n\n\`\`\`text\n${'{"*a*": [1]}\n'.repeat(10_000)}\`\`\`\n`, 'md'))).toEqual([
    'prose-only',
  ])
})

test('three thousand steps are read, in both formats', () => {
  const fence = '```bash\necho x\n```'
  const md = Array.from({ length: 3000 }, (_, index) => `## Part ${index % 50}\n\n${fence}\n`).join('\n')
  const mdx = Array.from(
    { length: 3000 },
    (_, index) => `<Command id="s${index}" title="S">\n\n${fence}\n\n</Command>\n`,
  ).join('\n')
  expect(new Set(read(md, 'md').runbook?.steps.map(({ id }) => id)).size).toBe(3000)
  expect(read(`---\ntitle: x\n---\n\n${mdx}`, 'mdx').runbook?.steps).toHaveLength(3000)
})

test('a document of two hundred kilobytes is read, and one that nobody wrote is refused', () => {
  const text = `# A\n\n${`Some words about \`it\` and [a link](x.md).\n\n${'More words. '.repeat(60)}\n\n\`\`\`bash\nls\n\`\`\`\n\n`.repeat(250)}`
  expect(text.length).toBeGreaterThan(190_000)
  expect(read(text, 'md').document.steps).toHaveLength(250)
  expect(codes(read(Buffer.alloc(300 * 1024, 'a'), 'md'))).toEqual(['too-large'])
})

test('text in UTF-16 and in other encodings is read, and reported', () => {
  expect(read(Buffer.from('\uFEFF# A\n\n```bash\nls\n```\n', 'utf16le'), 'md').document.steps).toHaveLength(1)
  expect(codes(read(Buffer.from('# Caf\xe9\n\n```bash\nls\n```\n', 'latin1'), 'md'))).toEqual(['not-utf8'])
  const inCode = read(Buffer.from('# A\n\n```bash\nls caf\xe9\n```\n', 'latin1'), 'md')
  expect(codes(inCode).toSorted()).toEqual(['not-utf8', 'unsafe-character'])
  expect(inCode.runbook).toBeUndefined()
  expect(codes(read('# A\n\nItâ€™s\n\n```bash\nls\n```\n', 'md'))).toEqual(['mis-decoded'])
})

test('a frontmatter that would expand without end is refused', () => {
  const bomb = [
    'a: &a [1,1,1,1,1,1,1,1]',
    ...'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(8).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
  ]
  expect(read(`---\n${bomb.join('\n')}\n---\n\n# A\n`, 'md').document.steps).toEqual([])
  expect(codes(read(`---\ntitle: x\n${bomb.join('\n')}\n---\n`, 'mdx'))).toContain('invalid-frontmatter')
})

test('elements of a long MDX document keep their places', () => {
  const step = (index: number): string =>
    `Text ${'x '.repeat(200)}\n\n<Command\n  id="s${index}"\n  title="S"\n>\n\n## Inside\n\n\`\`\`bash\nls\n\`\`\`\n\n</Command>\n`
  const body = `\n${Array.from({ length: 200 }, (_, index) => step(index)).join('\n')}`
  const parsed = parseMdx(body, 'x.mdx')
  expect('problem' in parsed).toBe(false)
  const { document: page } = read(`---\ntitle: x\n---\n${body}`, 'mdx')
  const lines = `---\ntitle: x\n---\n${body}`.split('\n')
  for (const { id, place, attributes } of page.steps) {
    expect(lines[place.line - 1]).toBe('<Command')
    expect(lines[(attributes['id']?.place.line ?? 0) - 1]).toBe(`  id="${id}"`)
  }
})
