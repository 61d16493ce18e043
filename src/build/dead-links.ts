import type { LinkLibrary } from '../../runner/links/link-targets.ts'
import { needsRecords } from '../../runner/links/resolve-link.ts'
import { decodeUri } from '../../runner/model/text/decode-uri.ts'
import type { BuiltPage } from './built-pages.ts'

/** The built site, and what its links may lead to. */
interface Targets {
  pages: ReadonlyMap<string, BuiltPage>
  /** Paths of all its files. */
  files: ReadonlySet<string>
  /** Path of the site, with a slash at both ends. */
  base: string
  library: Pick<LinkLibrary, 'groups'>
}

interface LinkReport {
  /** Dead links, dead fragments and duplicate ids, each as one sentence. */
  problems: string[]
  /** Links of documents to pages that wait for records of this machine, each as one sentence. */
  waiting: string[]
}

/** The links, fragments and ids of the built pages that do not hold. */
export function checkLinks(targets: Targets): LinkReport {
  const report: LinkReport = { problems: [], waiting: [] }
  for (const [path, page] of targets.pages) {
    report.problems.push(...duplicates(path, page))
    for (const { sentence, isWaiting } of deadLinks(path, page, targets))
      report[isWaiting ? 'waiting' : 'problems'].push(sentence)
  }
  return report
}

function duplicates(path: string, { ids }: BuiltPage): string[] {
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map(
    (id) => `/${path}: the id \`${id}\` is a duplicate`,
  )
}

interface DeadLink {
  sentence: string
  isWaiting: boolean
}

function deadLinks(path: string, page: BuiltPage, { pages, files, base, library }: Targets): DeadLink[] {
  const here = new URL(path, `http://site${base}`)
  const dead = (link: string, words: string): DeadLink[] => [
    { sentence: `/${path}: the link \`${link}\` ${words}`, isWaiting: false },
  ]
  return page.links.flatMap((link) => {
    const url = URL.parse(link, here)
    if (url === null) return dead(link, 'is not an address')
    const { pathname } = url
    if (url.origin !== here.origin || !pathname.startsWith(base) || isAsset(pathname)) return []
    const below = pathname.slice(base.length)
    const name = decodeUri(below) ?? below
    const target = pages.get(name)
    if (!target && files.has(name)) return []
    if (!target && isDocument(path) && needsRecords(name, library))
      return [{ sentence: waitingSentence(path, link), isWaiting: true }]
    if (!target) return dead(link, 'leads to no page')
    const fragment = decodeUri(url.hash.slice(1)) ?? url.hash.slice(1)
    return fragment === '' || target.ids.includes(fragment)
      ? []
      : dead(link, `leads to no id \`${fragment}\``)
  })
}

function waitingSentence(path: string, link: string): string {
  return `/${path}: the link \`${link}\` leads to no page until the site has its run, or figures of its service`
}

/** A page whose links people write. */
function isDocument(path: string): boolean {
  return /^(?:runbooks|docs)\//.test(path)
}

/** A file that is not a page; the bundler has named it, or the build writes it. */
function isAsset(path: string): boolean {
  return /\.(css|js|xml|json|svg|png|txt|webmanifest)$/.test(path)
}
