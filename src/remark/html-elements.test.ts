import { toString } from 'mdast-util-to-string'
import type { Nodes } from 'mdast'
import { expect, test } from 'vitest'
import { parseMdx } from '../../runner/model/text/parse.ts'
import { walk } from '../../runner/model/text/tree.ts'
import { htmlElements } from './html-elements.ts'

function converted(text: string): Nodes[] {
  const parsed = parseMdx(text, 'a.mdx')
  if ('problem' in parsed) throw new Error(parsed.problem.message)
  htmlElements(parsed.tree)
  return [parsed.tree, ...walk(parsed.tree)]
}

test('an element keeps its name, its attributes and its words', () => {
  const nodes = converted('<details open>\n<summary>More</summary>\n\nSee <a id="here">this</a>.\n</details>')
  const data = nodes.flatMap((node) => (node.data && 'hName' in node.data ? [node.data] : []))
  expect(data).toEqual([
    { hName: 'details', hProperties: { open: true } },
    { hName: 'summary', hProperties: {} },
    { hName: 'a', hProperties: { id: 'here' } },
  ])
  expect(toString(nodes[0])).toBe('MoreSee this.')
})

test('a comment is not on the page', () => {
  const nodes = converted('Words {/* not these */} here.\n\n{/* nor these */}')
  expect(nodes.some(({ type }) => /Expression/.test(type))).toBe(false)
  expect(toString(nodes[0])).toBe('Words  here.')
})
