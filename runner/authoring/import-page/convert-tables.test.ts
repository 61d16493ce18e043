import { expect, test } from 'vitest'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import { importMarkdown } from './import-page.ts'

const step = '```bash\ntrue\n```\n'

/** The result for a document with this HTML, without what surrounds it. MDX without an error. */
function imported(html: string, readdress = (url: string) => ({ url })) {
  const bytes = Buffer.from(`# T\n\n${html}\n\nAfter.\n\n${step}`)
  const { text, notes } = importMarkdown(bytes, 'page.md', 'page', { readdress })
  const { diagnostics } = readRunbook({ file: 'page.mdx', slug: 'page', bytes: Buffer.from(text) }, kinds)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return { text: /# T\n\n([\s\S]*?)\n\nAfter\./.exec(text)?.[1], notes: notes.map(({ message }) => message) }
}

test('a table of rows and cells becomes one of Markdown, with its heading, its code and its links', () => {
  const { text, notes } = imported(
    `<table class="x">
  <thead><tr><th>Name</th><th>Port</th></tr></thead>

  <tbody>
    <tr>
      <td><code>a|b</code> {x} &lt;T&gt;</td>
      <td><a href="x.md">80</a><br>or 81</td>
    </tr>
  </tbody>
</table>`,
    (url) => ({ url: `../${url}` }),
  )
  expect(text).toBe('| Name | Port |\n| --- | --- |\n| `a\\|b` \\{x} \\<T> | [80](../x.md)<br />or 81 |')
  expect(notes).toEqual([])
})

test('the first row stays a row where no cell is a heading, and the names of the cells stay', () => {
  const { text } = imported(
    '<table><tr id="one"><td>a</td><td>b</td></tr><tr><td>c</td><td></td></tr></table>',
  )
  expect(text).toBe('<a id="one"></a>\n\n|  | |\n| --- | --- |\n| a | b |\n| c | |')
})

test.each([
  ['merged cells', '<table><tr><td colspan="2">a</td></tr><tr><td>b</td><td>c</td></tr></table>'],
  ['a list', '<table><tr><td><ul><li>--role <name></li></ul></td></tr></table>'],
  ['a table', '<table><tr><td><table><tr><td>x</td></tr></table></td></tr></table>'],
  ['Markdown after an empty line', '<table><tr><td>\n\n- **x**\n- y\n\n</td></tr></table>'],
])('a table with %s becomes a fence with its source, and the import says so', (_, html) => {
  const { text, notes } = imported(html)
  expect(text).toBe(`\`\`\`html\n${html}\n\`\`\``)
  expect(notes).toEqual([expect.stringContaining('became a fence with its source')])
})

test('words around a table stay around it, also in a list', () => {
  expect(imported('Before\n<table><tr><th>a</th></tr></table>\nand *after*').text).toBe(
    'Before\n\n| a |\n| --- |\n\nand *after*',
  )
  expect(imported('- item\n\n  <table><tr><th>a</th></tr><tr><td>b</td></tr></table>').text).toBe(
    '- item\n\n  | a |\n  | --- |\n  | b |',
  )
})

test('a step in a table stays a step', () => {
  const { text } = imported(`<table><tr><td>\n\n${step}\n</td></tr></table>`)
  expect(text).toContain('<Command')
})
