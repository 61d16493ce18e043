import { expect, test } from 'vitest'
import type { Root } from 'mdast'
import { pageLink, resolveLinks } from './page-links.ts'

const content = '/p/content/runbooks'
const link = (url: string, from = 'runbooks/incidents/Locks.md'): string =>
  pageLink(url, `/p/content/${from}`, content)

test('a link to a file becomes one to its page, with query and fragment', () => {
  expect(link('./Other.md')).toBe('../../../runbooks/incidents/other/')
  expect(link('../release.mdx?version=1#tag')).toBe('../../../runbooks/release/?version=1#tag')
  expect(link('../../docs/index.md#start')).toBe('../../../docs/#start')
})

test('a link from the root of the site holds where the site has a path of its own', () => {
  expect(link('/runbooks/a/?version=1#tag')).toBe('../../../runbooks/a/?version=1#tag')
  expect(link('/docs/', 'docs/index.md')).toBe('../docs/')
  expect(link('/')).toBe('../../../')
})

test('every other link stays as it is', () => {
  for (const url of ['https://x/y.md', '//x/y.md', '#tag', 'mailto:a@b.md', '../a/', '../../../README.md']) {
    expect(link(url)).toBe(url)
  }
})

test('a file of the project that is no page is named, or linked where it can be read', () => {
  const tree = (): Root => ({
    type: 'root',
    children: [
      {
        type: 'paragraph',
        children: [{ type: 'link', url: '../../package.json', children: [{ type: 'text', value: 'it' }] }],
      },
    ],
  })
  const options = { root: process.cwd(), content: `${process.cwd()}/content/runbooks` }
  const shown = (edit?: string): unknown => {
    const made = tree()
    resolveLinks(made, `${process.cwd()}/content/docs/a.md`, { ...options, edit })
    const [paragraph] = made.children
    return paragraph && 'children' in paragraph ? paragraph.children[0] : undefined
  }
  expect(shown()).toMatchObject({ type: 'inlineCode', value: 'package.json' })
  expect(shown('https://x/edit/')).toMatchObject({ type: 'link', url: 'https://x/edit/package.json' })
})
