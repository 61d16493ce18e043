import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Link, Runbook } from '../model/runbook.ts'
import { suggest } from '../model/suggest.ts'

/** What links may lead to. */
export interface Targets {
  /** Folder of the runbooks, and of the repository. */
  content: string
  root: string
  /** Address of the published site; links to it are ours. */
  site?: string | undefined
  /** Paths of the documents by slug, old addresses among them. */
  slugs: ReadonlyMap<string, string>
  /** Reads the document at a path, for its anchors. */
  document(path: string): Promise<Runbook>
}

/** The findings about the links and images of one document; `path` is where its file is. */
export async function checkLinks(document: Runbook, path: string, targets: Targets): Promise<Diagnostic[]> {
  const found: Diagnostic[] = []
  for (const link of document.links) {
    const problem =
      link.kind === 'image' ? checkImage(link, path, targets) : await checkLink(link, document, path, targets)
    if (problem) found.push(problem)
  }
  return found
}

const scheme = /^[a-z][a-z0-9+.-]*:/i
/** Text of other systems that is filled in later: `{{< ref >}}`, `${HOST}`, `<host>`, `$(…)`. */
const unfilled = /\{\{|\$[{(]|<|%3C|%7B%7B/i

function checkImage({ url, place }: Link, path: string, { root, content }: Targets): Diagnostic | undefined {
  if (url === '' || scheme.test(url) || url.startsWith('//') || unfilled.test(url)) return undefined
  const file = decoded(url.replace(/[?#].*$/s, ''))
  if (file === undefined) return invalid(url, place)
  const candidates = file.startsWith('/')
    ? [join(root, 'public', file), join(root, file), join(content, file)]
    : [resolve(dirname(path), file)]
  if (candidates.some((candidate) => existsSync(candidate))) return undefined
  return diagnostic('missing-image', place, `Unexpected image \`${url}\`, the file does not exist`, {
    hint: file.startsWith('/')
      ? 'Put it into the folder `public`.'
      : 'Put it beside the document, or correct the path.',
  })
}

async function checkLink(
  { url, place }: Link,
  document: Runbook,
  path: string,
  targets: Targets,
): Promise<Diagnostic | undefined> {
  const own =
    targets.site !== undefined && url.startsWith(`${targets.site}/`) ? url.slice(targets.site.length) : url
  if (own === '' || unfilled.test(own)) return undefined
  if (scheme.test(own) || own.startsWith('//')) return externalProblem(own, { url, kind: 'link', place })
  const [, before = '', fragment] = /^([^#]*)(?:#(.*))?$/s.exec(own) ?? []
  const address = decoded(before.replace(/\?.*$/s, ''))
  const anchor = fragment === undefined ? '' : decoded(fragment.replace(/\?.*$/s, ''))
  if (address === undefined || anchor === undefined) return invalid(url, place)
  if (address === '') return anchorProblem(anchor, document, url, place)
  const target = findTarget(address, path, targets)
  if (target === undefined) return broken(url, address, place, targets)
  if (anchor === '' || !/\.mdx?$/i.test(target)) return undefined
  return anchorProblem(anchor, target === path ? document : await targets.document(target), url, place)
}

function externalProblem(url: string, { place }: Link): Diagnostic | undefined {
  return /^https?:/i.test(url) && !URL.canParse(url) ? invalid(url, place) : undefined
}

function invalid(url: string, place: Link['place']): Diagnostic {
  return diagnostic('invalid-url', place, `Unexpected address \`${url}\`, expected a URL`, {
    hint: 'Correct it; `%` begins an encoded character such as `%20`.',
  })
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** As a file beside the document, as a page of the site, or as a file of the repository. */
function findTarget(address: string, path: string, targets: Targets): string | undefined {
  const { content, root, slugs } = targets
  const page = address.replace(/^\/runbooks(?=\/)/, '').replace(/\/+$/, '')
  if (address.startsWith('/')) {
    const slug = slugs.get(
      page
        .slice(1)
        .replace(/\.mdx?$/i, '')
        .toLowerCase(),
    )
    if (slug !== undefined) return slug
    if (/^\/(runbooks|alerts|runs|status|search)?\/?$/.test(address)) return path
    const near = [join(root, address), join(root, 'public', address), join(dirname(content), page)]
    return existing(near)
  }
  const beside = resolve(dirname(path), address)
  const found = existing([beside])
  if (found !== undefined) return found
  // On the page every address is a folder: `../other/` beside `here/` means the document `other`.
  const here = relative(content, path)
    .split(sep)
    .join('/')
    .replace(/\.mdx?$/i, '')
  const below = join('/', here, address).slice(1)
  const sibling = join('/', dirname(here), address).slice(1)
  return [below, sibling]
    .map((name) =>
      slugs.get(
        name
          .replace(/\.mdx?$/i, '')
          .replace(/[\\/]+$/, '')
          .toLowerCase(),
      ),
    )
    .find((slug) => slug !== undefined)
}

function existing(paths: readonly string[]): string | undefined {
  return paths
    .flatMap((path) => [path, `${path.replace(/[\\/]$/, '')}.mdx`, `${path.replace(/[\\/]$/, '')}.md`])
    .find((path) => existsSync(path))
}

function broken(url: string, address: string, place: Link['place'], { slugs }: Targets): Diagnostic {
  const last = address.replace(/\/+$/, '').split('/').at(-1) ?? ''
  const name = last.replace(/\.mdx?$/i, '').toLowerCase()
  const near = suggest(
    name,
    [...slugs.keys()].map((slug) => slug.split('/').at(-1) ?? slug),
  )
  return diagnostic('broken-link', place, `Unexpected link \`${url}\`, it leads nowhere`, {
    hint: near
      ? `Did you mean \`${near}\`?`
      : 'Correct the path, or keep the old address with `aliases` on the page that moved.',
  })
}

function anchorProblem(
  anchor: string,
  document: Runbook,
  url: string,
  place: Link['place'],
): Diagnostic | undefined {
  const wanted = anchor.toLowerCase()
  if (wanted === '' || wanted === 'top' || wanted.startsWith(':~:')) return undefined
  const names = document.anchors.map(({ name }) => name)
  if (names.some((name) => name.toLowerCase() === wanted)) return undefined
  const near = suggest(anchor, names)
  return diagnostic(
    'missing-anchor',
    place,
    `Unexpected anchor \`#${anchor}\` in \`${url}\`, ${document.file} has no such place`,
    {
      hint: near
        ? `Did you mean \`#${near}\`?`
        : 'Link to a step or a heading; keep an old name with `was` on the step.',
    },
  )
}
