import rehypeParse from 'rehype-parse'
import { unified } from 'unified'
import { expect, test } from 'vitest'
import { pageAsMarkdown } from '../build/markdown-twins.ts'
import { linkHeadings } from './link-headings.ts'

function headingsOf(html: string): [name: string, href: unknown][] {
  const tree = unified().use(rehypeParse, { fragment: true }).parse(html)
  linkHeadings()(tree)
  return tree.children.flatMap((node) => {
    if (node.type !== 'element') return []
    const [first] = node.children
    return [[node.tagName, first?.type === 'element' ? first.properties['href'] : undefined]]
  })
}

test('a heading with an address is a link to it, unless a link or an address is in it', () => {
  expect(
    headingsOf(
      '<h1 id="t">T</h1><h2 id="a">A <code>b</code></h2><h2 id="ü">Ü</h2><h3>No address</h3><h2 id="c"><a href="/x">C</a></h2><h2 id="d"><span id="old"></span>D</h2>',
    ),
  ).toEqual([
    ['h1', undefined],
    ['h2', '#a'],
    ['h2', '#%C3%BC'],
    ['h3', undefined],
    ['h2', '/x'],
    ['h2', undefined],
  ])
})

test('the Markdown of a page has the words of its headings alone', () => {
  expect(pageAsMarkdown('<h2 id="a"><a class="self" href="#a">A <code>b</code></a></h2>')).toBe('## A `b`\n')
})
