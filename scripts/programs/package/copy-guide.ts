import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { makeFolder } from '../../../runner/make-folder.ts'

/** Pages about Runbook itself and for the people who work on it, and the start page, whose place the workspace's own takes. */
const leftOut = /^(index\.md|design\.mdx|performance\.mdx|promises\.md|decisions\/.*)$/

/** `[words](target)`, outside of code: the words and the target. */
const link = /(`[^`\n]*`)|(?<!!)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g

/**
 * Copies the pages of the guide that a user needs. A link to a page that is left out, or to a file of the repository,
 * becomes its words.
 */
export function copyGuide(root: string, folder: string): void {
  const docs = join(root, 'content/docs')
  const files = readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.mdx?$/.test(file) && !leftOut.test(file))
    .map((file) => file.replaceAll('\\', '/'))
  const pages = new Set(files)
  for (const file of files) {
    const text = withoutLostLinks(readFileSync(join(docs, file), 'utf8'), file, pages)
    makeFolder(dirname(join(folder, file)), 0o777)
    writeFileSync(join(folder, file), text)
  }
}

function withoutLostLinks(text: string, file: string, pages: ReadonlySet<string>): string {
  const parts = text.split(/^((?:```|~~~~?)[\s\S]*?^(?:```|~~~~?)\n)/m)
  return parts.map((part, index) => (index % 2 === 1 ? part : unlinked(part, file, pages))).join('')
}

function unlinked(text: string, file: string, pages: ReadonlySet<string>): string {
  return text.replaceAll(link, (whole, code: string | undefined, words: string, target: string) => {
    if (code !== undefined || !/\.(mdx?|[a-z]+)([?#].*)?$/.test(target) || /^([a-z]+:|\/)/.test(target))
      return whole
    const path = posix.join(posix.dirname(file), target.replace(/[?#].*$/, ''))
    return pages.has(path) ? whole : words
  })
}
