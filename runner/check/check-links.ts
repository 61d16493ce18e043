import { anchorOf, resolveLink, resolvePicture } from '../links/resolve-link.ts'
import type { LinkLibrary } from '../links/link-targets.ts'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { DocumentLink, Runbook } from '../model/runbook.ts'
import { byName } from '../model/text/shortcodes.ts'
import { suggest, suggester } from '../model/suggest.ts'

/** The targets that links are checked against. */
export interface Targets {
  library: LinkLibrary
  /** Reads the document at a path, for its anchors. */
  document(path: string): Promise<Runbook>
}

/** Checks the links and images of documents; what it knows of names is kept from one document to the next. */
export function linkChecker(targets: Targets): (document: Runbook, path: string) => Promise<Diagnostic[]> {
  const { library } = targets
  const near = suggester([...library.pages.keys()].map((address) => address.split('/').at(-1) ?? address))
  return async (document, path) => {
    const findings: Diagnostic[] = []
    for (const link of document.links) {
      const problem =
        link.kind === 'image'
          ? pictureProblem(link, path, library)
          : await linkProblem(link, document, path, targets, near)
      if (problem) findings.push(problem)
    }
    return findings
  }
}

function pictureProblem(
  { url, place }: DocumentLink,
  path: string,
  library: LinkLibrary,
): Diagnostic | undefined {
  const { type } = resolvePicture(url, path, library)
  if (type === 'invalid') return invalid(url, place)
  if (type !== 'missing') return undefined
  return diagnostic('missing-image', place, `Unexpected image \`${url}\`, the file does not exist`, {
    hint: url.startsWith('/')
      ? 'Put it into the folder `public`.'
      : 'Put it beside the document, or correct the path.',
  })
}

async function linkProblem(
  { url, place }: DocumentLink,
  document: Runbook,
  path: string,
  { library, document: read }: Targets,
  near: (word: string) => string | undefined,
): Promise<Diagnostic | undefined> {
  const target = resolveLink(url, path, library)
  const name = url.startsWith(byName) ? url.slice(byName.length) : url
  if (target.type === 'invalid') return invalid(name, place)
  if (target.type === 'missing') return broken(name, target, place, (word) => nearest(word, near, library))
  if (target.type !== 'page') return undefined
  const anchor = anchorOf(target.suffix)
  if (anchor === '') return undefined
  return anchorProblem(anchor, target.path === path ? document : await read(target.path), name, place)
}

function invalid(url: string, place: DocumentLink['place']): Diagnostic {
  return diagnostic('invalid-url', place, `Unexpected address \`${url}\`, expected a URL`, {
    hint: 'Correct it; `%` begins an encoded character such as `%20`.',
  })
}

/** The name nearest to a word; of a page with that very name, its address: it lies elsewhere. */
function nearest(
  word: string,
  near: (word: string) => string | undefined,
  { pages }: LinkLibrary,
): string | undefined {
  const name = near(word)
  if (name !== word) return name
  const address = [...pages.keys()].find((one) => one === word || one.endsWith(`/${word}`))
  return address === undefined ? undefined : `/${address}/`
}

function broken(
  url: string,
  { address, outside }: { address: string; outside: boolean },
  place: DocumentLink['place'],
  near: (word: string) => string | undefined,
): Diagnostic {
  const last = address.replace(/\/+$/, '').split('/').at(-1) ?? ''
  const name = near(last.replace(/\.mdx?$/i, '').toLowerCase())
  const hint = outside
    ? 'It leads out of the project: link to the address where the file can be read.'
    : name
      ? `Did you mean \`${name}\`?`
      : 'Correct the path, or keep the old address with `aliases` on the page that moved.'
  return diagnostic('broken-link', place, `Unexpected link \`${url}\`, it leads nowhere`, { hint })
}

function anchorProblem(
  anchor: string,
  document: Runbook,
  url: string,
  place: DocumentLink['place'],
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
