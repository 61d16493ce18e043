import type { BuiltPage } from './site-files.ts'

interface BrokenPage {
  /** The page's address below the site's base. */
  page: string
  /** What is wrong, as one sentence. */
  problem: string
}

/** Dead links, dead fragments and duplicate ids of the built pages. */
export function checkLinks(
  site: ReadonlyMap<string, BuiltPage>,
  base: string,
  files: ReadonlySet<string>,
): BrokenPage[] {
  return [...site].flatMap(([path, page]) =>
    [...duplicates(path, page), ...deadLinks(path, page, site, base, files)].map((problem) => ({
      page: path,
      problem,
    })),
  )
}

function duplicates(path: string, { ids }: BuiltPage): string[] {
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map(
    (id) => `/${path}: the id \`${id}\` stands there twice`,
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
  return [...new Set(page.links)].flatMap((link) => {
    const url = URL.parse(link, here)
    if (url === null) return [`/${path}: the link \`${link}\` is not an address`]
    if (url.origin !== here.origin || !url.pathname.startsWith(base)) return []
    const address = decoded(url.pathname.slice(base.length))
    const target = site.get(address)
    if (!target && files.has(address)) return []
    if (!target) return [`/${path}: the link \`${link}\` leads to no page`]
    const fragment = decoded(url.hash.slice(1))
    return fragment === '' || target.ids.includes(fragment)
      ? []
      : [`/${path}: the link \`${link}\` leads to no id \`${fragment}\``]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
