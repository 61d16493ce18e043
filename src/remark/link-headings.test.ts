import { expect, test } from 'vitest'
import { pageAsMarkdown } from '../build/markdown-twins.ts'
import { linkHeadings } from './link-headings.ts'

const text = { type: 'text' }

function element(tagName: string, properties: Record<string, unknown> = {}, children: object[] = [text]) {
  return { type: 'element', tagName, properties, children }
}

/** The address of the link that a heading is; undefined for none. */
function linkOf(heading: ReturnType<typeof element>): unknown {
  linkHeadings()({ type: 'root', children: [heading as never] })
  const [first, ...others] = heading.children as { tagName?: string; properties?: Record<string, unknown> }[]
  return others.length === 0 && first?.tagName === 'a' ? first.properties?.['href'] : undefined
}

test.each([
  ['words and code', element('h2', { id: 'a' }, [text, element('code')]), '#a'],
  ['letters of any script in its address', element('h3', { id: 'ü' }), '#%C3%BC'],
  ['no address', element('h2'), undefined],
  ['a link', element('h2', { id: 'c' }, [text, element('a', { href: '/x' })]), undefined],
  ['another address', element('h2', { id: 'd' }, [element('span', { id: 'old' }), text]), undefined],
  ['the title of the page', element('h1', { id: 't' }), undefined],
])('a heading with %s', (_, heading, href) => {
  expect(linkOf(heading)).toBe(href)
})

test('the Markdown of a page has the words of its headings alone', () => {
  expect(pageAsMarkdown('<h2 id="a"><a class="self" href="#a">A <code>b</code></a></h2>')).toBe('## A `b`\n')
})
