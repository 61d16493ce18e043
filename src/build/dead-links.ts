import { decodeUri } from '../../runner/model/text/decode-uri.ts'
import type { BuiltPage } from './built-pages.ts'

/** Dead links, dead fragments and duplicate ids of the built pages, each as one sentence. */
export function checkLinks(
  site: ReadonlyMap<string, BuiltPage>,
  base: string,
  files: ReadonlySet<string>,
): string[] {
  return [...site].flatMap(([path, page]) => [
    ...duplicates(path, page),
    ...deadLinks(path, page, site, base, files),
  ])
}

function duplicates(path: string, { ids }: BuiltPage): string[] {
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map(
    (id) => `/${path}: the id \`${id}\` is a duplicate`,
  )
}

function deadLinks(
  path: string,
  page: BuiltPage,
  site: ReadonlyMap<string, BuiltPage>,
  base: string,
  files: ReadonlySet<string>,
): string[] {
  const here = new URL(path, `http://site${base}`)
  return page.links.flatMap((link) => {
    const url = URL.parse(link, here)
    if (url === null) return [`/${path}: the link \`${link}\` is not an address`]
    const { pathname } = url
    if (url.origin !== here.origin || !pathname.startsWith(base) || isAsset(pathname)) return []
    const below = pathname.slice(base.length)
    const name = decodeUri(below) ?? below
    const target = site.get(name)
    if (!target && files.has(name)) return []
    if (!target) return [`/${path}: the link \`${link}\` leads to no page`]
    const fragment = decodeUri(url.hash.slice(1)) ?? url.hash.slice(1)
    return fragment === '' || target.ids.includes(fragment)
      ? []
      : [`/${path}: the link \`${link}\` leads to no id \`${fragment}\``]
  })
}

/** A file that is not a page; the bundler has named it, or the build writes it. */
function isAsset(path: string): boolean {
  return /\.(css|js|xml|json|svg|png|txt|webmanifest)$/.test(path)
}
