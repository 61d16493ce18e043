import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { importable } from '../../authoring/formats/importable.ts'
import type { Readdressed } from '../../authoring/import-page/page-work.ts'
import { makeKinds } from '../../kinds/index.ts'
import type { Io } from '../../kit/io.ts'
import { watchOn } from '../../kit/progress.ts'
import { readEntry } from '../../library.ts'
import type { LibraryEntry } from '../../library.ts'
import { linkLibrary } from '../../links/link-targets.ts'
import type { LinkLibrary } from '../../links/link-targets.ts'
import { resolveLink } from '../../links/resolve-link.ts'
import type { LinkTarget } from '../../links/resolve-link.ts'
import type { Runbook } from '../../model/runbook.ts'
import { byName } from '../../model/text/shortcodes.ts'
import { shown } from '../shared/workspace.ts'

/** Where the documents of an import will lie, and what their links lead to. */
export interface Moves {
  library: LinkLibrary
  /** The result of each document that has steps. */
  targets: ReadonlyMap<string, string>
  /** The folder that is imported, and the destination. */
  folder: string
  out: string
}

export async function movesOf(
  entries: readonly LibraryEntry[],
  where: { folder: string; out: string; results: ReadonlyMap<string, string> },
  root: string,
  io: Io,
): Promise<Moves> {
  const { folder, out, results } = where
  const documents: { path: string; document: Runbook }[] = []
  for await (const entry of watchOn(io)(entries, 'documents read'))
    documents.push({ path: entry.path, document: (await readEntry(entry, io.cwd, makeKinds())).document })
  const moving = documents.filter(({ document }) => document.format === 'md' && document.steps.length > 0)
  const targets = new Map(moving.map(({ path }) => [path, results.get(path) ?? path]))
  return { library: linkLibrary({ root, content: folder, documents }), targets, folder, out }
}

/**
 * The result of each file. Hugo names the page of a folder `_index`; a name that begins with `_` would have no page here.
 * Notion ends each name with the id of its page, which stays only where two pages have the same name.
 */
export function targetsOf(paths: readonly string[], folder: string, out: string): Map<string, string> {
  const named = paths.map((path) => {
    const inside = relative(folder, path)
      .replace(/(^|[\\/])_index(?=\.\w+$)/, '$1index')
      .replace(importable, '.mdx')
    return { path, inside, plain: inside.replaceAll(/ [0-9a-f]{32}(?=\.mdx$|[\\/])/g, '') }
  })
  const counts = new Map<string, number>()
  for (const { plain } of named) counts.set(plain.toLowerCase(), (counts.get(plain.toLowerCase()) ?? 0) + 1)
  return new Map(
    named.map(({ path, inside, plain }) => [
      path,
      join(out, counts.get(plain.toLowerCase()) === 1 ? plain : inside),
    ]),
  )
}

/** A relative address of a document as it must be where its result will lie, and what is to be done for it to lead there. */
export function readdressed(
  address: string,
  path: string,
  target: string,
  moves: Moves,
  cwd: string,
): Readdressed {
  const { library, targets, folder } = moves
  const url = address.startsWith(byName) ? address.slice(byName.length) : address
  if (/^(?:\/\/|[?#]|[a-z][a-z0-9+.-]*:)/i.test(url)) return { url }
  const direct = resolveLink(address, path, library)
  // An address of the site that the documents come from: the only document with that path is meant.
  const link = direct.type === 'missing' ? resolveLink(byName + pathOfSite(url), path, library) : direct
  const source = sourceOf(link, path, library)
  if (source === undefined || (link.type !== 'page' && url.startsWith('/')))
    return link.type === 'missing' ? { url, problem: nowhere(url) } : { url }
  if (!existsSync(source)) return { url, problem: nowhere(url) }
  if (!isBelow(library.root, source) && !isBelow(folder, source))
    return {
      url,
      problem: `\`${url}\` leads out of the imported folder, where no page can link to: import the folder that holds both, or link to its address on the web`,
    }
  const place = targets.get(source) ?? placeAfter(source, moves)
  const suffix = link.type === 'page' ? link.suffix : url.slice(url.search(/[?#]|$/))
  const moved = encodeURI(relative(dirname(target), place).split(sep).join('/')).replaceAll(
    /[()#?]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  )
  const isThere = targets.has(source) || existsSync(place)
  return isThere
    ? { url: moved + suffix }
    : {
        url: moved + suffix,
        problem: `\`${url}\` will lead nowhere until \`${shown(source, cwd)}\` is copied to \`${shown(place, cwd)}\``,
      }
}

/** The file that a link leads to. One outside the project has none for `resolveLink`. */
function sourceOf(link: LinkTarget, path: string, { root }: LinkLibrary): string | undefined {
  if (link.type === 'page') return link.path
  if (link.type === 'file') return join(root, link.file)
  return link.type === 'missing' ? resolve(dirname(path), link.address) : undefined
}

function nowhere(url: string): string {
  return `\`${url}\` leads to no file, which stops the build of the site: correct it in the result`
}

/** The path of a document for an address of its site: `/docs/restart.html#now` is `docs/restart#now`. */
function pathOfSite(url: string): string {
  const [, path = '', suffix = ''] = /^\/*([^?#]*)(.*)$/s.exec(url) ?? []
  return path.replace(/\.html?$|\/+$/i, '') + suffix
}

/** No page can show a file outside the workspace. One of the imported folder belongs at the same place of the destination. */
function placeAfter(path: string, { library, folder, out }: Moves): string {
  return isBelow(library.root, path) || !isBelow(folder, path) ? path : join(out, relative(folder, path))
}

export function isBelow(folder: string, path: string): boolean {
  return !relative(folder, path).startsWith('..')
}
