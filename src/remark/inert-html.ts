import type { Html } from 'mdast'

const tags =
  /<\/?(?:script|style|i?frame|frameset|object|embed|applet|form|input|select|option|optgroup|textarea|button|video|audio|source|base|link|meta)\b[^>]*>/gi
const attributes =
  /(<[a-z][^<>]*?)\s(?:(?:style|on[a-z]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)|href\s*=\s*["']?\s*(?:javascript|vbscript|data):[^"'>]*["']?)/gi
const image = /<img\b[^<>]*>/gi
const named = /(<[a-z][^<>]*?)\s(?:id|name)\s*=\s*["']?([^"'\s>]+)["']?/gi

/**
 * Takes out of a Markdown document's HTML what acts or restyles. The page's policy refuses it in any case; without
 * this a document of another time would stop the build instead of being read. Images become their words, because
 * their addresses lead from the file and not from the page; a name stands once, where a link can find it. `taken` are
 * the names that headings and steps have, and grows.
 */
export function makeInert(nodes: readonly Html[], taken: Set<string>): void {
  for (const node of nodes) {
    let before: string
    do {
      before = node.value
      node.value = before.replaceAll(tags, '').replaceAll(attributes, '$1').replaceAll(image, wordsOf)
    } while (node.value !== before)
    node.value = node.value.replaceAll(/<table(?=[\s>])/gi, '<table tabindex="0"')
    node.value = node.value.replaceAll(named, (whole, start: string, name: string) => {
      if (taken.has(name)) return start
      taken.add(name)
      return whole
    })
  }
}

function wordsOf(img: string): string {
  const value = (name: string): string | undefined =>
    new RegExp(String.raw`\s${name}\s*=\s*(?:"([^"]*)"|'([^']*)')`, 'i')
      .exec(img)
      ?.slice(1)
      .find((text) => text !== undefined && text !== '')
  return `<i>${(value('alt') ?? value('src') ?? 'image').replaceAll('<', '&lt;')}</i>`
}
