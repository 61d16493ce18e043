import { rules } from '../model/diagnostic-rules.ts'
import { decodeUri } from '../model/text/decode-uri.ts'
import { byName } from '../model/text/shortcodes.ts'
import { existsSync, statSync } from 'node:fs'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import type { LinkLibrary } from './link-targets.ts'

/** Where a link of a document leads. `suffix` is its query and fragment, as written. */
export type LinkTarget =
  /** A document with a page. */
  | { type: 'page'; path: string; address: string; suffix: string }
  /** A page or a file that the site makes itself, or has in its public folder. */
  | { type: 'site'; address: string; suffix: string }
  /** A file or a folder of the project without a page: its path from the root, with forward slashes. */
  | { type: 'file'; file: string }
  | { type: 'external' }
  /** It would act, not lead: `javascript:` and its like. */
  | { type: 'acts' }
  /** Text of another system that is filled in later. */
  | { type: 'open' }
  | { type: 'invalid' }
  | { type: 'missing'; address: string; outside: boolean }

const scheme = /^[a-z][a-z0-9+.-]*:/i
/** Text of other systems that is filled in later: `{{ .Site }}`, `${HOST}`, `<host>`, `$(…)`. */
const unfilled = /\{\{|\{%|\$[{(]|<|%3C|%7B%7B/i

/** The one answer to where a link leads, for `check`, `import` and the site. `from` is the document's absolute path. */
export function resolveLink(url: string, from: string, library: LinkLibrary): LinkTarget {
  const { site } = library
  if (/^\s*(?:javascript|vbscript|data):/i.test(url)) return { type: 'acts' }
  const own =
    site !== undefined && (url === site || url.startsWith(`${site}/`)) ? url.slice(site.length) : url
  if (own.startsWith(byName)) return pageNamed(own.slice(byName.length), from, library)
  if (unfilled.test(own)) return { type: 'open' }
  if (scheme.test(own) || own.startsWith('//'))
    return /^https?:/i.test(own) && !URL.canParse(own) ? { type: 'invalid' } : { type: 'external' }
  const [, before = '', suffix = ''] = /^([^?#]*)(.*)$/s.exec(own) ?? []
  const address = decodeUri(before)
  if (address === undefined || decodeUri(suffix) === undefined) return { type: 'invalid' }
  if (address === '') return pageAt(from, library, suffix) ?? { type: 'file', file: '' }
  const target = address.startsWith('/')
    ? fromRoot(address, suffix, library)
    : fromDocument(address, suffix, from, library)
  return target ?? missing(address, from, library)
}

/** Beside the document, else the only page of that name; one of a blog is named without its folder. */
function pageNamed(name: string, from: string, library: LinkLibrary): LinkTarget {
  const beside = resolveLink(name, from, library)
  if (beside.type !== 'missing') return beside
  const [, before = '', suffix = ''] = /^([^?#]*)(.*)$/s.exec(name) ?? []
  const wanted = nameOf(before)
  const paths = [...library.addresses].filter(([, address]) => isNamed(address, wanted)).map(([path]) => path)
  const [path, ...others] = new Set(paths)
  return (path !== undefined && others.length === 0 ? pageAt(path, library, suffix) : undefined) ?? beside
}

function isNamed(address: string, name: string): boolean {
  return `/${address.toLowerCase().replace(/\/(?:_?index|readme)$/, '')}`.endsWith(`/${name}`)
}

/** The name that a link gives in a page, decoded; empty when it gives none. */
export function anchorOf(suffix: string): string {
  const fragment = suffix.includes('#') ? suffix.slice(suffix.indexOf('#') + 1) : ''
  return decodeUri(fragment.replace(/\?.*$/s, '')) ?? fragment
}

function pageAt(path: string, { addresses }: LinkLibrary, suffix: string): LinkTarget | undefined {
  const address = addresses.get(path)
  return address === undefined ? undefined : { type: 'page', path, address, suffix }
}

/** As a page of the site, as documents of a wiki write it from the root of theirs, or as a file of the project. */
function fromRoot(address: string, suffix: string, library: LinkLibrary): LinkTarget | undefined {
  const { root, content } = library
  const name = nameOf(address)
  const page = named([name, `runbooks/${name}`], suffix, library)
  if (page) return page
  if (isGenerated(name, library) || existsSync(join(root, 'public', address)))
    return { type: 'site', address: address.slice(1), suffix }
  return fileAt(
    [join(root, address), join(content, address), join(dirname(content), address)],
    suffix,
    library,
  )
}

/** As a file beside the document, without its extension too, or as an address beside the page. */
function fromDocument(
  address: string,
  suffix: string,
  from: string,
  library: LinkLibrary,
): LinkTarget | undefined {
  const beside = resolve(dirname(from), address)
  const exact = fileAt([beside], suffix, library)
  if (exact && exact.type === 'page') return exact
  const here = library.addresses.get(from)
  if (here === undefined) return exact
  // On the page every address is a folder: `../other/` beside `here/` means the document `other`.
  const names = [posix.join(posix.dirname(here), address), posix.join(here, address)].map(nameOf)
  const page = exact ?? named(names, suffix, library)
  if (page) return page
  const made = names.find((name) => isGenerated(name, library))
  return made === undefined ? undefined : { type: 'site', address: made === '' ? '' : `${made}/`, suffix }
}

/** An address as the pages are kept by: without outer slashes and extension, in lower case. */
function nameOf(address: string): string {
  return address
    .replaceAll(/^[\\/]+|[\\/]+$|^\.$/g, '')
    .replace(/\.mdx?$/i, '')
    .toLowerCase()
}

/** The page of one of these names; a folder stands for the page that introduces it. */
function named(names: readonly string[], suffix: string, library: LinkLibrary): LinkTarget | undefined {
  const all = names.flatMap((name) => [name, `${name}/index`, `${name}/readme`])
  const path = all.map((name) => library.pages.get(name)).find((one) => one !== undefined)
  return path === undefined ? undefined : pageAt(path, library, suffix)
}

function fileAt(paths: readonly string[], suffix: string, library: LinkLibrary): LinkTarget | undefined {
  for (const path of paths) {
    const bare = path.replace(/[\\/]+$/, '')
    const names = [bare, `${bare}.mdx`, `${bare}.md`]
    const page = names.map((name) => pageAt(name, library, suffix)).find((one) => one)
    if (page) return page
    const stats = statSync(bare, { throwIfNoEntry: false })
    if (!stats) continue
    const start = stats.isDirectory() ? introduction(bare, suffix, library) : undefined
    const file = relative(library.root, bare).split(sep).join('/')
    if (start) return start
    if (file !== '..' && !file.startsWith('../')) return { type: 'file', file }
  }
  return undefined
}

function introduction(folder: string, suffix: string, library: LinkLibrary): LinkTarget | undefined {
  return ['index.mdx', 'index.md', 'README.mdx', 'README.md', 'readme.md']
    .map((name) => pageAt(join(folder, name), library, suffix))
    .find((page) => page)
}

/** Pages the site makes from the runs, the alerts, the status and the tables of the program. */
const generated = new RegExp(
  `^(?:${[
    '',
    'runbooks|search|docs',
    'kpi',
    String.raw`docs/(?:kinds|reference)/[\w-]+|docs/errors/al\d\d|docs/(?:errors|changelog)`,
    String.raw`runs(?:/[^/]+(?:/checklist)?|/by/.+|/[^/]+/evidence/.+)?`,
    'alerts',
    String.raw`status(?:/(?:incidents|components)/[^/]+|/(?:rss|atom)\.xml|/status\.json)?`,
  ].join('|')})$`,
)

function isGenerated(name: string, { groups, alerts }: LinkLibrary): boolean {
  const alert = /^alerts\/([^/]+)$/.exec(name)?.[1]
  if (alert !== undefined) return alerts === undefined || alerts().has(alert)
  const code = /^docs\/errors\/([^/]+)$/.exec(name)?.[1]
  return generated.test(name) || groups.has(name) || (code !== undefined && Object.hasOwn(rules, code))
}

/**
 * Whether the site has this page only where the runs, incidents or received alerts are that it shows. A machine without them, such as
 * one of CI, builds the same documents.
 */
export function needsRecords(address: string, { groups }: Pick<LinkLibrary, 'groups'>): boolean {
  const name = nameOf(address)
  return name.startsWith('runs/') || (name.startsWith('kpi/') && groups.has(name))
}

function missing(address: string, from: string, { root }: LinkLibrary): LinkTarget {
  const path = address.startsWith('/') ? join(root, address) : resolve(dirname(from), address)
  const inside = relative(root, path)
  return { type: 'missing', address, outside: inside === '..' || inside.startsWith(`..${sep}`) }
}

/** Where the picture of a document lies: of another host, in the public folder, as a file, or nowhere. */
export type Picture =
  | { type: 'external' | 'open' | 'invalid' | 'missing' | 'public' }
  | { type: 'file'; path: string }

export function resolvePicture(url: string, from: string, { root, content }: LinkLibrary): Picture {
  if (scheme.test(url) || url.startsWith('//')) return { type: 'external' }
  if (url === '' || unfilled.test(url)) return { type: 'open' }
  const file = decodeUri(url.replace(/[?#].*$/s, ''))
  if (file === undefined) return { type: 'invalid' }
  if (file.startsWith('/') && existsSync(join(root, 'public', file))) return { type: 'public' }
  const paths = file.startsWith('/')
    ? [join(root, file), join(content, file)]
    : [resolve(dirname(from), file)]
  const path = paths.find((candidate) => existsSync(candidate))
  return path === undefined ? { type: 'missing' } : { type: 'file', path }
}
