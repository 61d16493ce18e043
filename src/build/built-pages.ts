import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Paths of all files below a folder, relative, with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted()
}

/** The facts of a page for the checks over the built site. */
export interface BuiltPage {
  ids: string[]
  /** Each once. */
  links: string[]
  /** Those ids that belong to the document itself, and not to what the page puts around it. */
  anchors: string[]
  /** For the page of an earlier address: where it leads. */
  moved?: string
}

/** A page's address below the site's base, such as `runs/` or `404.html`. */
export function pageAddress(file: string): string {
  return file.replace(/(^|\/)index\.html$/, '$1')
}

/** The file of an address below the site's base. */
export function fileAt(address: string): string {
  return decodeURI(address).replace(/(^|\/)$/, '$1index.html')
}

/**
 * The words of a page: its main part without drawings and without the elements that color code, which are most of a page. Undefined
 * where a page has no such part.
 */
export function contentOf(html: string): string | undefined {
  const main = /<main\b[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1]
  return main
    ?.replaceAll(/<svg xmlns="[\s\S]*?<\/svg>/g, '')
    .replaceAll(/<pre\b[\s\S]*?<\/pre>/g, (code) => code.replaceAll(/<\/?span\b[^>]*>/g, ''))
}

const attribute = /\s(id|name|href|action)="([^"]*)"/gi

/** The facts of a page, found in one pass. */
export function readPage(html: string): BuiltPage {
  // The content of a script is not markup, and highlighted code is escaped; so tags can be found by their shape.
  const markup = html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '')
  const moved = /data-moved="([^"#]+)"/.exec(markup)?.[1]
  const prose = markup.indexOf('<div class="prose">')
  const end = prose === -1 ? -1 : markup.lastIndexOf('</article>')
  const ids: string[] = []
  const anchors: string[] = []
  const links = new Set<string>()
  for (const { index, 1: name = '', 2: text = '' } of markup.matchAll(attribute)) {
    const tag = tagAround(markup, index)
    if (tag === undefined) continue
    const value = decodeEntities(text)
    const kind = name.toLowerCase()
    if (kind === 'href' || kind === 'action') links.add(value)
    // `<a name="…">`, as older documents have it, is a place too.
    if (kind === 'id' || (kind === 'name' && /^<a$/i.test(tag))) ids.push(value)
    if (kind === 'id' && index > prose && index < end) anchors.push(value)
  }
  return { ids, links: [...links], anchors, ...(moved === undefined ? {} : { moved }) }
}

/** The beginning of the tag, such as `<a`, that has the attribute at a place. Undefined where that is text. */
function tagAround(markup: string, at: number): string | undefined {
  const open = markup.lastIndexOf('<', at)
  if (markup.lastIndexOf('>', at) > open) return undefined
  return /^<[a-z][^\s<>]*/i.exec(markup.slice(open, open + 12))?.[0]
}

/** The text of an attribute. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text
    .replaceAll(/&quot;|&#34;/g, '"')
    .replaceAll(/&lt;|&#60;/g, '<')
    .replaceAll(/&gt;|&#62;/g, '>')
    .replaceAll(/&#39;|&#x27;/g, "'")
    .replaceAll('&#38;', '&')
    .replaceAll('&#x26;', '&')
    .replaceAll('&amp;', '&')
}
