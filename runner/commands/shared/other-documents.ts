import { extname } from 'node:path'
import { compareText } from '../../model/compare-text.ts'
import { filesBelow } from '../../files-below.ts'

/** Endings of documents that are not read, and what to do with them. */
const advice: readonly [endings: RegExp, advice: string][] = [
  [/^\.markdown$/i, 'Rename files that end in .markdown to end in .md, or import them.'],
  [/^\.(?:erb|j2|jinja2?)$/i, 'Render templates to Markdown, in files that end in .md.'],
  [
    /^\.(?:adoc|asciidoc|ipynb|org|rmd|rst|textile|wiki)$/i,
    'Convert other markup to Markdown, in files that end in .md.',
  ],
]

/** Files of a folder that may be documents of a format that is not read, by their endings: how many there are of each. */
export function otherDocuments(folder: string): [ending: string, count: number][] {
  const counts = new Map<string, number>()
  for (const name of filesBelow(folder)) {
    const ending = extname(name).toLowerCase()
    if (adviceFor([ending]) !== '') counts.set(ending, (counts.get(ending) ?? 0) + 1)
  }
  return [...counts].toSorted(([a], [b]) => compareText(a, b))
}

/** The advice for files with these endings; empty where none is that of a document. */
export function adviceFor(endings: readonly string[]): string {
  return advice
    .filter(([pattern]) => endings.some((ending) => pattern.test(ending)))
    .map(([, sentence]) => sentence)
    .join(' ')
}

export function ignoredFiles(others: readonly [ending: string, count: number][]): string {
  const list = others.map(([ending, count]) => `${count} ${ending}`).join(', ')
  return `Files of other formats were ignored: ${list}. ${adviceFor(others.map(([ending]) => ending))}`
}
