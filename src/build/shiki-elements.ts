import type { ShikiConfig } from '@astrojs/markdown-remark'

interface Node {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

/** What looks the same has one short element: code is a quarter of a page. */
const looks: Record<string, string> = {
  comment: 'small',
  keyword: 'b',
  function: 'b',
  string: 'i',
  'string-expression': 'i',
  constant: 'u',
  parameter: 'u',
}

const elements = {
  name: 'elements',
  span(span: Node): void {
    const { style } = { ...span.properties }
    const token =
      typeof style === 'string' ? /--(?:astro-code|shiki)-(?:token-)?([\w-]+)/.exec(style)?.[1] : undefined
    delete span.properties?.['style']
    const look = looks[token ?? '']
    if (look) span.tagName = look
  },
  pre(pre: Node): void {
    pre.properties = { class: 'code' }
    for (const code of pre.children ?? []) code.children = joined((code.children ?? []).flatMap(contents))
  },
}

/** The tokens of a line, the names of inputs as such, and what has no color as plain text. */
function contents(node: Node): Node[] {
  if (node.type !== 'element') return [node]
  const children = (node.children ?? []).flatMap(contents)
  const mark = node.properties?.['data-in']
  const own = mark === undefined ? children : [variable(children, mark === 'url')]
  return node.tagName === 'span' ? own : [{ ...node, properties: {}, children: own }]
}

function variable(children: Node[], url: boolean): Node {
  return { type: 'element', tagName: 'var', properties: url ? { 'data-url': '' } : {}, children }
}

/** Neighbors that look the same become one. */
function joined(nodes: readonly Node[]): Node[] {
  return nodes.reduce<Node[]>((done, node) => {
    const before = done.at(-1)
    if (before?.type === 'text' && node.type === 'text') before.value = `${before.value}${node.value}`
    else if (before && isToken(before) && before.tagName === node.tagName)
      before.children = joined([...(before.children ?? []), ...(node.children ?? [])])
    else done.push({ ...node })
    return done
  }, [])
}

function isToken({ tagName = '' }: Node): boolean {
  return Object.values(looks).includes(tagName)
}

/**
 * Turns the style attributes of Shiki's css-variables theme into elements: the policy allows no inline style. What
 * has no color needs no tag.
 */
export const shikiElements = elements as unknown as NonNullable<ShikiConfig['transformers']>[number]
