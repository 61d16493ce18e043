import type { ShikiConfig } from '@astrojs/markdown-remark'

interface Node {
  type: string
  value?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

/** What looks the same has one short name: code is a quarter of a page. */
const looks: Record<string, string> = {
  comment: 'tk-c',
  keyword: 'tk-k',
  function: 'tk-k',
  string: 'tk-s',
  'string-expression': 'tk-s',
  constant: 'tk-n',
  parameter: 'tk-n',
}

const classes = {
  name: 'classes',
  span({ properties = {} }: Node): void {
    const { style } = properties
    const token =
      typeof style === 'string' ? /--(?:astro-code|shiki)-(?:token-)?([\w-]+)/.exec(style)?.[1] : undefined
    delete properties['style']
    const look = looks[token ?? '']
    if (look) properties['class'] = look
  },
  pre(pre: Node): void {
    pre.properties = { class: 'code', tabindex: '0' }
    for (const code of pre.children ?? []) code.children = joined((code.children ?? []).flatMap(contents))
  },
}

/** The tokens of a line, and those that have no color as plain text. Astro styles the signs of a `diff` after us. */
function contents(node: Node): Node[] {
  const { class: name, style: _, ...others } = node.properties ?? {}
  const bare = name === undefined || name === 'line'
  const children = node.children?.flatMap(contents)
  if (bare && Object.keys(others).length === 0 && children) return children
  const plain = { ...node, properties: { ...(bare ? {} : { class: name }), ...others } }
  return [node.type === 'element' ? { ...plain, ...(children ? { children } : {}) } : node]
}

/** Neighbors that look the same become one. */
function joined(nodes: readonly Node[]): Node[] {
  return nodes.reduce<Node[]>((done, node) => {
    const before = done.at(-1)
    if (before?.type === 'text' && node.type === 'text') before.value += node.value ?? ''
    else if (before && sameToken(before, node))
      before.children = joined([...(before.children ?? []), ...(node.children ?? [])])
    else done.push({ ...node })
    return done
  }, [])
}

function sameToken(a: Node, b: Node): boolean {
  const name = (node: Node): unknown =>
    Object.keys(node.properties ?? {}).join() === 'class' ? node.properties?.['class'] : undefined
  return name(a) !== undefined && name(a) === name(b)
}

/**
 * Turns the style attributes of Shiki's css-variables theme into classes: the policy allows no inline style. What
 * has no class needs no tag.
 */
export const shikiClasses = classes as unknown as NonNullable<ShikiConfig['transformers']>[number]
