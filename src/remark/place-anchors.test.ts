import type { Heading, Root } from 'mdast'
import { expect, it } from 'vitest'
import { parseMdx } from '../../runner/model/text/parse.ts'
import { walk } from '../../runner/model/text/tree.ts'
import { placeAnchors } from './place-anchors.ts'

function idOf(heading: Heading): string {
  const { hProperties } = { ...heading.data } as { hProperties?: { id?: string } }
  return hProperties?.id ?? ''
}

/** The ids of a page, in its order: of headings and of elements written by hand. */
function idsOf(text: string, reserved: string[]): string[] {
  const parsed = parseMdx(text, 'a.mdx')
  if ('problem' in parsed) throw new Error(parsed.problem.message)
  const tree: Root = parsed.tree
  placeAnchors(tree, reserved, 'mdx', 'a.mdx')
  return [...walk(tree)].flatMap((node) => {
    if (node.type === 'heading') return [idOf(node)]
    if (node.type !== 'mdxJsxFlowElement' && node.type !== 'mdxJsxTextElement') return []
    return node.attributes.flatMap((one) =>
      one.type === 'mdxJsxAttribute' && one.name === 'id' && typeof one.value === 'string' ? [one.value] : [],
    )
  })
}

it('an element that has the name of a step, a heading or an earlier element has no id on the page', () => {
  const text = [
    '<a id="restart"></a>',
    '<a id="why"></a>',
    '## Why',
    'One <a id="twice"></a> two <a id="twice"></a>',
    '<a id="old"></a>',
  ].join('\n\n')
  expect(idsOf(text, ['restart'])).toEqual(['why', 'twice', 'old'])
})

it('a name in a comment is on the page once, before an element of the same name', () => {
  expect(idsOf('## Why\n\n{/* anchor: other */}\n\n<a id="other"></a>', [])).toEqual(['why', 'other'])
})
