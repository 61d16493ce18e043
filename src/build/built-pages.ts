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

/**
 * What a page says: its main part, with code without the elements that color it, which are most of a page. Undefined where a page has
 * no such part.
 */
export function contentOf(html: string): string | undefined {
  const main = /<main\b[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1]
  return main?.replaceAll(/<pre\b[\s\S]*?<\/pre>/g, (code) => code.replaceAll(/<\/?span\b[^>]*>/g, ''))
}

export function readPage(html: string): BuiltPage {
  // The content of a script is not markup, and highlighted code is escaped; so tags can be found by their shape.
  const markup = html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '')
  const moved = /data-moved="([^"#]+)"/.exec(markup)?.[1]
  return {
    ids: [...valuesOf(markup, 'id'), ...anchorNames(markup)],
    links: [...valuesOf(markup, 'href'), ...valuesOf(markup, 'action')],
    anchors: valuesOf(/<div class="prose">([\s\S]*)<\/article>/.exec(markup)?.[1] ?? '', 'id'),
    ...(moved === undefined ? {} : { moved }),
  }
}

/** `<a name="…">`, as older documents have it, is a place too. */
function anchorNames(markup: string): string[] {
  return [...markup.matchAll(/<a\s[^<>]*?\bname="([^"]*)"/gi)].map(([, name]) => name ?? '')
}

function valuesOf(html: string, attribute: string): string[] {
  const tag = new RegExp(String.raw`<[a-z][^<>]*?\s${attribute}="([^"]*)"`, 'gi')
  return [...html.matchAll(tag)].map(([, value]) => decodeEntities(value ?? ''))
}

/** The text of an attribute. */
export function decodeEntities(text: string): string {
  return text
    .replaceAll(/&quot;|&#34;/g, '"')
    .replaceAll(/&lt;|&#60;/g, '<')
    .replaceAll(/&gt;|&#62;/g, '>')
    .replaceAll(/&#39;|&#x27;/g, "'")
    .replaceAll('&#38;', '&')
    .replaceAll('&#x26;', '&')
    .replaceAll('&amp;', '&')
}
