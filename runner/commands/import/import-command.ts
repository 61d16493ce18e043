import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { importDocument } from '../../authoring/formats/import-document.ts'
import { importable, markdownEnding } from '../../authoring/formats/importable.ts'
import type { ImportFormat } from '../../authoring/formats/import-document.ts'
import { titleOf } from '../../authoring/new-runbook.ts'
import { makeKinds } from '../../kinds/index.ts'
import { filesBelow } from '../../files-below.ts'
import { entryAt, readEntry } from '../../library.ts'
import type { LibraryEntry } from '../../library.ts'
import { linkLibrary } from '../../links/link-targets.ts'
import type { LinkLibrary } from '../../links/link-targets.ts'
import { byName } from '../../model/text/shortcodes.ts'
import { resolveLink } from '../../links/resolve-link.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { Request } from './index.ts'
import { CliError, systemWords } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { watchOn } from '../../kit/progress.ts'
import { printable } from '../../kit/io.ts'
import { adviceFor, ignoredFiles, otherDocuments } from '../shared/other-documents.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { whenInterrupted } from '../../when-interrupted.ts'
import { counted } from '../../model/counted.ts'
import { writeNewFile } from '../../write-whole.ts'

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
  const moves = await movesOf(entries, folder, out, config.root, io)
  const results: Result[] = []
  // On a terminal the line of the progress ends here.
  const told = (): void => io.note(`${process.stderr.isTTY ? '\n' : ''}${interrupted(results, paths.length)}`)
  const end = dryRun ? undefined : whenInterrupted(told)
  try {
    for (const path of watchOn(io)(paths, 'documents')) {
      // A signal is heard between two documents.
      await nextTurn()
      const target = targetOf(path, folder, out)
      const result = await importFile(path, target, moves, dryRun, io)
      if (result) results.push(result)
      if (result?.outcome === 'not written') break
    }
  } finally {
    end?.()
  }
  const others = isFolder ? otherDocuments(source).filter(([ending]) => !importable.test(ending)) : []
  if (results.length === 0) throw notImportable(shown(source, io.cwd), others)
  const isPublished = ({ from }: Result): boolean => isBelow(config.content, resolve(io.cwd, from))
  if (io.json) io.out(JSON.stringify(results, undefined, 2))
  else for (const result of results) print(result, isPublished(result), io)
  const stay = results.filter((result) => result.outcome === 'nothing to run' && !isPublished(result)).length
  if (stay > 0)
    io.note(
      `${counted(stay, 'document')} with nothing to run stayed where ${stay === 1 ? 'it is' : 'they are'}. To publish ${stay === 1 ? 'it' : 'them'}, copy ${stay === 1 ? 'it' : 'them'} to the same place below ${shown(out, io.cwd)}, with the images.`,
    )
  if (others.length > 0) io.note(ignoredFiles(others))
  const left = results.filter(({ outcome }) => outcome === 'exists').length
  if (left > 0) io.note(`${left} of ${results.length} not written, since the file exists already.`)
  if (results.some(({ outcome }) => outcome === 'not written')) {
    io.note(interrupted(results, paths.length))
    return exit.failed
  }
  if (results.some(({ outcome }) => outcome === 'not read')) return exit.invalid
  return left > 0 ? exit.usage : exit.done
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
  return filesBelow(folder, (name) => name === 'node_modules' || name === '.git').filter((path) =>
    importable.test(path),
  )
}

function notImportable(name: string, others: readonly [string, number][]): CliError {
  return new CliError(
    exit.usage,
    `There is no document in ${name} that can be imported`,
    others.length > 0
      ? ignoredFiles(others)
      : adviceFor([extname(name)]) ||
          'Markdown, Runme, rundown, Gruntwork runbooks, SSM Automation documents and GitHub Actions workflows can.',
  )
}

/** Hugo names the page of a folder `_index`; a name that begins with `_` would have no page here. */
function targetOf(path: string, folder: string, out: string): string {
  const inside = relative(folder, path).replace(/(^|[\\/])_index(?=\.\w+$)/, '$1index')
  return join(out, inside.replace(importable, '.mdx'))
}

/** Where the documents of an import will lie, and what their links lead to. */
interface Moves {
  library: LinkLibrary
  /** The result of each document that has steps. */
  targets: ReadonlyMap<string, string>
  /** The folder that is imported, and the destination. */
  folder: string
  out: string
}

async function movesOf(
  entries: readonly LibraryEntry[],
  folder: string,
  out: string,
  root: string,
  io: Io,
): Promise<Moves> {
  const documents: { path: string; document: Runbook }[] = []
  for (const entry of watchOn(io)(entries, 'documents read'))
    documents.push({ path: entry.path, document: (await readEntry(entry, io.cwd, makeKinds())).document })
  const moving = documents.filter(({ document }) => document.format === 'md' && document.steps.length > 0)
  const targets = new Map(moving.map(({ path }) => [path, targetOf(path, folder, out)]))
  return { library: linkLibrary({ root, content: folder, documents }), targets, folder, out }
}

/** A relative address of a document as it must be where its result will lie. */
function readdressed(address: string, path: string, target: string, moves: Moves): string {
  const { library, targets } = moves
  const url = address.startsWith(byName) ? address.slice(byName.length) : address
  if (/^(?:\/\/|[?#]|[a-z][a-z0-9+.-]*:)/i.test(url)) return url
  const direct = resolveLink(address, path, library)
  // An address of the site that the documents come from: the only document with that path is meant.
  const link = direct.type === 'missing' ? resolveLink(byName + pathOfSite(url), path, library) : direct
  if (link.type !== 'page' && (link.type !== 'file' || url.startsWith('/'))) return url
  const suffix = link.type === 'page' ? link.suffix : url.slice(url.search(/[?#]|$/))
  const file =
    link.type === 'page'
      ? (targets.get(link.path) ?? placeAfter(link.path, moves))
      : placeAfter(join(library.root, link.file), moves)
  const moved = encodeURI(relative(dirname(target), file).split(sep).join('/'))
  return moved.replaceAll(/[()#?]/g, (char) => `%${char.charCodeAt(0).toString(16)}`) + suffix
}

/** The path of a document for an address of its site: `/docs/restart.html#now` is `docs/restart#now`. */
function pathOfSite(url: string): string {
  const [, path = '', suffix = ''] = /^\/*([^?#]*)(.*)$/s.exec(url) ?? []
  return path.replace(/\.html?$|\/+$/i, '') + suffix
}

/** No page can show a file outside the workspace. One of the imported folder belongs at the same place of the destination. */
function placeAfter(path: string, { library, folder, out }: Moves): string {
  return isBelow(library.root, path) || !isBelow(folder, path) ? path : join(out, relative(folder, path))
}

function isBelow(folder: string, path: string): boolean {
  return !relative(folder, path).startsWith('..')
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
    readdress: (url) => readdressed(url, path, target, moves),
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
    mkdirSync(dirname(target), { recursive: true })
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
      : readFileSync(path)
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
  return readFileSync(file, 'utf8')
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
