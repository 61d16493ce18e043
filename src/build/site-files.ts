import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Paths of all files below a folder, relative, with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted()
}

export interface BuiltPage {
  html: string
  ids: string[]
  links: string[]
}

/** Every built page by its address below the site's base, such as `runs/` or `404.html`. */
export function readSite(out: string): Map<string, BuiltPage> {
  const pages = filesBelow(out).filter((file) => file.endsWith('.html'))
  return new Map(
    pages.map((file) => [
      file.replace(/(^|\/)index\.html$/, '$1'),
      readPage(readFileSync(join(out, file), 'utf8')),
    ]),
  )
}

function readPage(html: string): BuiltPage {
  // What stands in a script is no markup, and highlighted code is escaped; so tags can be found by their shape.
  const markup = html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '')
  return {
    html,
    ids: [...valuesOf(markup, 'id'), ...anchorNames(markup)],
    links: [...valuesOf(markup, 'href'), ...valuesOf(markup, 'action')],
  }
}

/** `<a name="…">`, as older documents have it, is a place too. */
function anchorNames(markup: string): string[] {
  return [...markup.matchAll(/<a\s[^<>]*?\bname="([^"]*)"/gi)].map(([, name]) => name ?? '')
}

function valuesOf(html: string, attribute: string): string[] {
  const tag = new RegExp(String.raw`<[a-z][^<>]*?\s${attribute}="([^"]*)"`, 'gi')
  return [...html.matchAll(tag)].map(([, value]) => unescape(value ?? ''))
}

function unescape(text: string): string {
  return text
    .replaceAll('&#38;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x26;', '&')
    .replaceAll('&amp;', '&')
}
