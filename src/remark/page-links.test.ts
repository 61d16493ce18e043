import { join } from 'node:path'
import type { Nodes } from 'mdast'
import { expect, test } from 'vitest'
import { linkLibrary } from '../../runner/links/link-targets.ts'
import { parseMarkdown } from '../../runner/model/text/parse.ts'
import type { Runbook } from '../../runner/model/runbook.ts'
import { resolveLinks } from './page-links.ts'

const root = join(import.meta.dirname, '../..')
const content = join(root, 'content/runbooks')
const documents = [
  'incidents/Locks.md',
  'incidents/Other.md',
  'release.mdx',
  'b/index.md',
  'sub/README.md',
].map((file) => ({
  path: join(content, file),
  document: { slug: file.replace(/\.mdx?$/, '').toLowerCase(), meta: { title: file } } as Runbook,
}))
const library = linkLibrary({ root, content, documents })

/** What these tests need of Markdown again. */
function printed(node: Nodes): string {
  const inside = 'children' in node ? node.children.map((child) => printed(child)).join('') : ''
  switch (node.type) {
    case 'link':
      return `[${inside}](${node.url})`
    case 'linkReference':
      return `[${inside}][${node.identifier}]`
    case 'definition':
      return `[${node.identifier}]: ${node.url}`
    case 'inlineCode':
      return `\`${node.value}\``
    case 'strong':
      return `**${inside}**`
    case 'paragraph':
      return `${inside}\n\n`
    default:
      return 'value' in node ? node.value : inside
  }
}

function shown(text: string, from = 'runbooks/incidents/Locks.md', edit?: string): string {
  const tree = parseMarkdown(text)
  resolveLinks(tree, { path: join(root, 'content', from), library, edit, lenient: true })
  return printed(tree).trim()
}

test.each([
  ['./Other.md', 'incidents/other/'],
  ['Other', 'incidents/other/'],
  ['../release.mdx?version=1#tag', 'release/?version=1#tag'],
  ['../b/index.md', 'b/index/'],
  ['../b/', 'b/index/'],
  ['../sub', 'sub/readme/'],
  ['/runbooks/release/?version=1#tag', 'release/?version=1#tag'],
  ['/release', 'release/'],
])('the link %s leads to the page of its document', (url, page) => {
  expect(shown(`[it](${url})`)).toBe(`[it](../../../runbooks/${page})`)
  expect(shown(`[it][1]\n\n[1]: ${url}`)).toContain(`../../../runbooks/${page}`)
  expect(shown(`<a class="x" href="${url}">it</a>`)).toBe(
    `<a class="x" href="../../../runbooks/${page}">it</a>`,
  )
})

test('pages that the site makes are linked from its root, and documentation by its address', () => {
  expect(shown('[it](/alerts/Down/)')).toBe('[it](../../../alerts/Down/)')
  expect(shown('[it](/)')).toBe('[it](../../../)')
  expect(shown('[it](../../docs/index.md#x)')).toBe('[it](../../../docs/#x)')
  expect(shown('[it](../reference/frontmatter/)', 'docs/writing.md')).toBe(
    '[it](../../docs/reference/frontmatter/)',
  )
})

test('every other link stays unchanged', () => {
  for (const url of ['https://x/y.md', '//x/y.md', '#tag', 'mailto:a@b.md'])
    expect(shown(`[it](${url})`)).toBe(`[it](${url})`)
})

test('a link that leads nowhere keeps its words, also above the root of the project', () => {
  for (const url of ['gone.md', '/gone', '../../../../../../gone.md', '../../../..'])
    expect(shown(`see [the **other** page](${url})`)).toBe('see the **other** page')
})

test('a file without a page is named after the words, or linked where it can be read', () => {
  const link = '[the package](../../../package.json)'
  expect(shown(link)).toBe('the package (`package.json`)')
  expect(shown('[package.json](../../../package.json)')).toBe('package.json')
  expect(shown('[it][1]\n\n[1]: ../../../package.json')).toContain('it (`package.json`)')
  expect(shown(link, 'runbooks/incidents/Locks.md', 'https://x/edit/')).toBe(
    '[the package](https://x/edit/package.json)',
  )
})

test('an address that would act is shown and not linked', () => {
  expect(shown('[it](javascript:alert)')).toBe('`javascript:alert`')
})
