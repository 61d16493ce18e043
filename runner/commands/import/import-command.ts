import { existsSync, statSync } from 'node:fs'
import { basename, dirname, relative, resolve } from 'node:path'
import { importDocument } from '../../authoring/formats/import-document.ts'
import { importable, markdownEnding } from '../../authoring/formats/importable.ts'
import type { ImportFormat } from '../../authoring/formats/import-document.ts'
import { titleOf } from '../../authoring/new-runbook.ts'
import { makeKinds } from '../../kinds/index.ts'
import { filesBelow } from '../../files-below.ts'
import { entryAt, readEntry } from '../../library.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import type { Request } from './index.ts'
import { isBelow, movesOf, readdressed, targetsOf } from './moves.ts'
import type { Moves } from './moves.ts'
import { CliError, systemWords } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { watchOn } from '../../kit/progress.ts'
import { sayInterrupted } from '../../kit/say-interrupted.ts'
import { printable } from '../../kit/io.ts'
import { adviceFor, ignoredFiles, isOfTools, otherDocuments } from '../shared/other-documents.ts'
import type { OtherDocuments } from '../shared/other-documents.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { counted } from '../../model/counted.ts'
import { writeNewFile } from '../../write-whole.ts'
import { bytesOf, textOf } from '../../regular-file.ts'
import { makeFolder } from '../../make-folder.ts'

interface Result {
  from: string
  to: string
  /** Undefined when the file could not be read. */
  format?: ImportFormat | undefined
  steps: number
  /** Steps that are left to a person. */
  byHand?: number
  /** Parts that could not be converted, and problems of the result. */
  notes: { line: number; message: string }[]
  outcome: 'written' | 'exists' | 'nothing to run' | 'not read' | 'not written'
}

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const source = resolve(io.cwd, args.source)
  if (!existsSync(source)) {
    const hint = 'Give the path of a document, or of a folder of them.'
    throw new CliError(exit.usage, `There is no file \`${args.source}\``, hint)
  }
  const out = resolve(io.cwd, options.out ?? config.content)
  const isFolder = statSync(source).isDirectory()
  const folder = isFolder ? source : dirname(source)
  const paths = isFolder ? importableFiles(source) : [source].filter((path) => importable.test(path))
  const entries = paths.filter(isDocument).map((path) => entryAt(folder, path))
  const targets = targetsOf(paths, folder, out)
  const results: Result[] = []
  const end = sayInterrupted(() => (dryRun ? 'Nothing was changed.' : interrupted(results, paths.length)))
  try {
    const moves = await movesOf(entries, { folder, out, results: targets }, config.root, io)
    for await (const path of watchOn(io)(paths, 'documents')) {
      const result = await importFile(path, targets.get(path) ?? path, moves, dryRun, io)
      if (result) results.push(result)
      if (result?.outcome === 'not written') break
    }
  } finally {
    end()
  }
  const others = isFolder ? otherDocuments(source).filter(({ ending }) => !importable.test(ending)) : []
  if (results.length === 0) throw notImportable(source, shown(source, io.cwd), isFolder, others)
  const isPublished = ({ from }: Result): boolean => isBelow(config.content, resolve(io.cwd, from))
  if (io.json) io.out(JSON.stringify(results, undefined, 2))
  else for (const result of results) print(result, isPublished(result), io)
  const stay = results.filter((result) => result.outcome === 'nothing to run' && !isPublished(result)).length
  if (stay > 0)
    io.note(
      `${counted(stay, 'document')} with nothing to run stayed where ${stay === 1 ? 'it is' : 'they are'}. To publish ${stay === 1 ? 'it' : 'them'}, copy ${stay === 1 ? 'it' : 'them'} to the same place below ${shown(out, io.cwd)}, with the images.`,
    )
  if (others.length > 0) io.note(ignoredFiles(others, shown(source, io.cwd)))
  const left = results.filter(({ outcome }) => outcome === 'exists').length
  if (left > 0) io.note(`${left} of ${results.length} not written, since the file exists already.`)
  if (results.some(({ outcome }) => outcome === 'not written')) {
    io.note(interrupted(results, paths.length))
    return exit.failed
  }
  if (results.some(({ outcome }) => outcome === 'not read')) return exit.invalid
  if (left > 0) return exit.usage
  if (results.some(({ outcome }) => outcome === 'written')) return exit.done
  io.note('No document has a step, so nothing was written.')
  return exit.invalid
}

function interrupted(results: readonly Result[], total: number): string {
  const count = results.filter(({ outcome }) => outcome === 'written').length
  return `${count} of ${counted(total, 'document')} written. To go on, import again: a file that exists is not changed.`
}

/** Whether the name is that of Markdown, or of MDX. */
function isDocument(path: string): boolean {
  return markdownEnding.test(path) || /\.mdx$/i.test(path)
}

/** Files of a folder whose names may be those of documents, in order. */
function importableFiles(folder: string): string[] {
  return filesBelow(folder, isOfTools).filter((path) => importable.test(path))
}

function notImportable(
  source: string,
  name: string,
  isFolder: boolean,
  others: readonly OtherDocuments[],
): CliError {
  const advice = isFolder ? others.length > 0 && ignoredFiles(others, name) : adviceFor(source, name)
  return new CliError(
    exit.usage,
    isFolder ? `There is no document in ${name} that can be imported` : `${name} cannot be imported`,
    advice ||
      'Markdown, Runme, rundown, Gruntwork runbooks, SSM Automation documents and GitHub Actions workflows can.',
  )
}

/** Findings after which a document could not be read at all. */
const unreadable = new Set<string>(['file-unreadable', 'too-deep', 'too-large'])

function noteOf({ place, message, code }: Diagnostic): Result['notes'][number] {
  return { line: place.line, message: `${message} [${code}]` }
}

/** The original is never touched, and no file is written over. Undefined for a file of another format. */
async function importFile(
  path: string,
  target: string,
  moves: Moves,
  dryRun: boolean,
  io: Io,
): Promise<Result | undefined> {
  const from = shown(path, io.cwd)
  const to = shown(target, io.cwd)
  const bytes = await readSource(path, io)
  if (!(bytes instanceof Uint8Array)) return { from, to, steps: 0, notes: bytes, outcome: 'not read' }
  const name = titleOf(basename(path).replace(importable, ''))
  const converted = importDocument({
    bytes,
    file: from,
    name: markdownEnding.test(path) ? basename(path).replace(importable, '') : name,
    readdress: (url) => readdressed(url, path, target, moves, io.cwd),
    readFile: (beside) => fileBeside(path, beside),
  })
  if (!converted) return undefined
  if (!converted.ok)
    return {
      from,
      to,
      steps: 0,
      notes: [{ line: 1, message: converted.problem.message }],
      outcome: 'not read',
    }
  const { text, steps, byHand, notes, unread = [] } = converted.value
  const source = { file: to, slug: 'imported', bytes: Buffer.from(text) }
  const problems = readRunbook(source, (await makeKinds().load()).all).diagnostics.filter(
    ({ severity }) => severity === 'error',
  )
  const outcome = steps === 0 ? 'nothing to run' : existsSync(target) ? 'exists' : 'written'
  if (outcome === 'written' && !dryRun) {
    const reason = refusalOf(target, text)
    if (reason !== undefined)
      return { from, to, steps: 0, notes: [{ line: 1, message: reason }], outcome: 'not written' }
  }
  const inResult = problems
    .map(noteOf)
    .map(({ line, message }) => ({ line, message: `in the result: ${message}` }))
  // A plain document without steps is unchanged, so no part of it is lost.
  const own = outcome === 'nothing to run' && converted.format === 'Markdown' ? [] : [...notes, ...inResult]
  return { from, to, format: converted.format, steps, byHand, notes: [...unread, ...own], outcome }
}

/** Writes the result of a document. Returns why it cannot be written, such as a full disk. */
function refusalOf(target: string, text: string): string | undefined {
  try {
    makeFolder(dirname(target), 0o777)
    writeNewFile(target, text)
    return undefined
  } catch (error) {
    return systemWords(error as Error)
  }
}

/** The bytes of a document, or why it cannot be read. */
async function readSource(path: string, io: Io): Promise<Uint8Array | Result['notes']> {
  if (!isDocument(path))
    return statSync(path).size > mostBytes
      ? [{ line: 1, message: 'the file is larger than 1 MiB' }]
      : bytesOf(path)
  const { bytes, diagnostics } = await readEntry(entryAt(dirname(path), path), io.cwd, makeKinds())
  const refused = diagnostics.filter(({ code }) => unreadable.has(code))
  return refused.length > 0 ? refused.map(noteOf) : bytes
}

const mostBytes = 1_048_576

/** A script of a document, which lies below its folder. */
function fileBeside(path: string, beside: string): string | undefined {
  const folder = dirname(path)
  const file = resolve(folder, beside)
  if (relative(folder, file).startsWith('..') || statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    return undefined
  return textOf(file)
}

function print(
  { from, to, format, steps, byHand = 0, notes, outcome }: Result,
  isPublished: boolean,
  io: Io,
): void {
  if (outcome === 'nothing to run') {
    const place = isPublished && format === 'Markdown' ? '; it is published and searched as Markdown' : ''
    io.out(`${from}: nothing to run${place}`)
    for (const { line, message } of notes) io.out(`  ${from}:${line}: ${printable(message)}`)
    return
  }
  if (outcome === 'not written') {
    for (const { message } of notes) io.out(`${from} → ${to}: not written: ${printable(message)}`)
    return
  }
  if (outcome === 'not read') {
    for (const { line, message } of notes) io.out(`${from}:${line}: not imported: ${printable(message)}`)
    return
  }
  const hand = byHand === 0 ? '' : `, ${byHand} of them for a person`
  io.out(`${from} → ${to}: ${outcome === 'written' ? `${counted(steps, 'step')}${hand}` : 'exists already'}`)
  for (const { line, message } of notes) io.out(`  ${from}:${line}: ${printable(message)}`)
}
