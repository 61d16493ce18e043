import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { LinkLibrary } from '../../runner/links/link-targets.ts'
import { resolveLink, resolvePicture } from '../../runner/links/resolve-link.ts'
import type { Runbook } from '../../runner/model/runbook.ts'
import { linksInHtml } from '../remark/page-links.ts'
import { digestOf } from './digest.ts'

/** A document and what its rendering looks at. */
export interface TextSources {
  document: Pick<Runbook, 'file' | 'format' | 'links' | 'sha256'>
  /** Absolute path. */
  path: string
  /** The document without its frontmatter. */
  body: string
  library: LinkLibrary
  /** Address that edits a file once its path is added. */
  edit?: string | undefined
  /** Of `codeVersion`. */
  code: string
}

/**
 * The digest of everything that the rendered text of a document shows: its bytes, where each of its links leads, its
 * pictures, and the code. Two texts of one digest are the same HTML, whichever machine rendered them.
 */
export function textDigest({ document, path, body, library, edit, code }: TextSources): string {
  const { file, format, links, sha256 } = document
  const urls = new Set([...links.map(({ url }) => url), ...linksInHtml(body)])
  const shown = [...urls].toSorted().map((url) => [url, leadsTo(url, path, library)])
  return digestOf({ code, file, format, sha256, address: library.addresses.get(path), edit, shown })
}

/** Without paths of this machine. */
function leadsTo(url: string, from: string, library: LinkLibrary): unknown {
  const target = resolveLink(url, from, library)
  // Of a page its address alone is shown; a file may be a picture.
  return target.type === 'page'
    ? { ...target, path: target.path === from }
    : { target, picture: picture(url, from, library) }
}

function picture(url: string, from: string, library: LinkLibrary): string {
  const target = resolvePicture(url, from, library)
  return target.type === 'file' ? contentsOf(target.path) : target.type
}

function contentsOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    // A folder, or a file that nobody may read, is shown by its words.
    return 'unreadable'
  }
}
