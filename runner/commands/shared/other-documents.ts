import { closeSync, openSync, readSync } from 'node:fs'
import { extname } from 'node:path'
import { foreignFormat } from '../../authoring/formats/foreign-formats.ts'
import type { ForeignFormat } from '../../authoring/formats/foreign-formats.ts'
import { filesBelow } from '../../files-below.ts'
import { compareText } from '../../model/compare-text.ts'
import { decode } from '../../model/text/decode-document.ts'

/** The files of one ending in a folder, whose documents are not read where they lie. */
export interface OtherDocuments {
  ending: string
  count: number
  /** Undefined for Markdown of another ending. */
  format: ForeignFormat | undefined
}

/** Whether a folder of this name holds files of tools, and no documents of a team. */
export function isOfTools(name: string): boolean {
  return name === 'node_modules' || name === '.git'
}

/** Files of a folder that are documents of a format that is not read, by their endings. */
export function otherDocuments(folder: string): OtherDocuments[] {
  const counts = new Map<string, number>()
  for (const path of filesBelow(folder, isOfTools)) {
    const ending = extname(path).toLowerCase()
    if (isMarkdown(ending) || foreignFormat(ending)) counts.set(ending, (counts.get(ending) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([ending, count]) => ({ ending, count, format: foreignFormat(ending) }))
}

function isMarkdown(ending: string): boolean {
  return ending === '.markdown'
}

const rename = 'Rename files that end in .markdown to end in .md, or import them.'

/** A sentence about the other documents of a folder, which is `name` to the person. */
export function ignoredFiles(others: readonly OtherDocuments[], name: string): string {
  const list = others.map(({ ending, count }) => `${count} ${ending}`).join(', ')
  const sentences = others.map(({ ending, format }) =>
    isMarkdown(ending) ? rename : adviceOf(format, { path: name, isFolder: true }, ''),
  )
  return `Files of other formats were ignored: ${list}. ${[...new Set(sentences)].join(' ')}`
}

/** The format of a file that is not read, and how it becomes Markdown; empty when the format is unknown. */
export function adviceFor(path: string, name: string): string {
  const ending = extname(name).toLowerCase()
  if (isMarkdown(ending)) return rename
  const text = beginningOf(path)
  return adviceOf(foreignFormat(ending, text), { path: name, isFolder: false }, text)
}

function adviceOf(
  format: ForeignFormat | undefined,
  place: Parameters<ForeignFormat['advice']>[0],
  text: string,
): string {
  if (!format) return ''
  return `${format.name} is not read. ${format.advice(place, text)}`
}

/** Enough of a file to know its format. */
const mostBytes = 65_536

function beginningOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(mostBytes)
    return decode(bytes.subarray(0, readSync(file, bytes)), path).text.replaceAll('\r\n', '\n')
  } finally {
    closeSync(file)
  }
}
