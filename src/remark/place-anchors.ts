import type { Heading, Html, Nodes, Parent, Root } from 'mdast'
import type { MdxJsxFlowElement, MdxJsxTextElement } from 'mdast-util-mdx-jsx'
import { headingAnchors } from '../../runner/model/text/outline.ts'
import { commentText, descendants } from '../../runner/model/text/tree.ts'

type Format = 'md' | 'mdx'

/**
 * Puts the names the model knows into the page: each heading gets its own, and every further one (what its author
 * wrote in a comment or in braces, the alert it is about) an empty element of that id. `reserved` names are taken, and
 * the id of an element that has the name of a step, a heading or an earlier element is removed: links lead to the first.
 */
export function placeAnchors(
  tree: Root,
  reserved: readonly string[],
  format: Format,
  file: string,
): Set<string> {
  const taken = new Set(reserved)
  const elements = [
    ...descendants(tree, 'mdxJsxFlowElement'),
    ...descendants(tree, 'mdxJsxTextElement'),
  ].toSorted((a, b) => startOf(a) - startOf(b))
  const headings = descendants(tree, 'heading').filter((heading) => idOf(heading) === undefined)
  for (const [heading, anchors] of headingAnchors(headings, reserved, file)) {
    const names = anchors.map(({ name }) => name).filter((name) => !taken.has(name))
    for (const name of names) taken.add(name)
    withoutBraces(heading)
    setId(heading, names[0] ?? '')
    heading.children.unshift(...names.slice(1).map((name) => emptyAnchor(name, format)))
  }
  placeComments(tree, taken, format)
  for (const element of elements) dropTakenId(element, taken)
  return taken
}

function startOf({ position }: Nodes): number {
  return position?.start.offset ?? 0
}

function dropTakenId(element: MdxJsxFlowElement | MdxJsxTextElement, taken: Set<string>): void {
  element.attributes = element.attributes.filter((attribute) => {
    if (attribute.type !== 'mdxJsxAttribute' || attribute.name !== 'id') return true
    const { value } = attribute
    if (typeof value !== 'string') return true
    return !taken.has(value) && taken.add(value)
  })
}

function idOf(heading: Heading): string | undefined {
  const { hProperties } = { ...heading.data } as { hProperties?: { id?: string } }
  return hProperties?.id
}

function setId(heading: Heading, id: string): void {
  if (id !== '') heading.data = { ...heading.data, hProperties: { id } }
}

/** An invisible element, for links to open. */
export function emptyAnchor(name: string, format: Format): Html | MdxJsxTextElement {
  if (format === 'md') return { type: 'html', value: `<span id="${name.replaceAll('"', '&quot;')}"></span>` }
  return {
    type: 'mdxJsxTextElement',
    name: 'span',
    attributes: [{ type: 'mdxJsxAttribute', name: 'id', value: name }],
    children: [],
  }
}

/** `## Title {#name}` is shown as `Title`. */
function withoutBraces(heading: Heading): void {
  const last = heading.children.at(-1)
  if (last?.type === 'text') last.value = last.value.replace(/\s*\{#[\w.:-]+\}\s*$/, '')
}

function placeComments(parent: Parent, taken: Set<string>, format: Format): void {
  for (const [at, child] of (parent.children as Nodes[]).entries()) {
    const name = /^\s*anchor:\s*(\S+)\s*$/.exec(commentText(child) ?? '')?.[1]
    if (name !== undefined && !taken.has(name)) {
      taken.add(name)
      const anchor = emptyAnchor(name, format)
      // The comment of MDX may be a block; an element in its place must be one too.
      if (child.type === 'mdxFlowExpression') Object.assign(anchor, { type: 'mdxJsxFlowElement' })
      parent.children[at] = anchor as never
    } else if ('children' in child) placeComments(child, taken, format)
  }
}
