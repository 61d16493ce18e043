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
  expect(link('./index.md')).toBe('../../../runbooks/incidents/index/')
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
    return paragraph && 'children' in paragraph
      ? paragraph.children.map((one) => ('value' in one ? one.value : 'url' in one ? { link: one.url } : one))
      : undefined
  }
  expect(shown()).toEqual(['it', ' (', 'package.json', ')'])
  expect(shown('https://x/edit/')).toEqual([{ link: 'https://x/edit/package.json' }])
})

test('a link without the ending of a document leads to its page where there is one', () => {
  const project = `${process.cwd()}/content`
  const from = `${project}/docs/site.md`
  expect(pageLink('./writing#inputs', from, `${project}/runbooks`)).toBe('../../docs/writing/#inputs')
  expect(pageLink('../runbooks/rollback', from, `${project}/runbooks`)).toBe('../../runbooks/rollback/')
  expect(pageLink('./nothing', from, `${project}/runbooks`)).toBe('./nothing')
})
