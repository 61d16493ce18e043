import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { importMarkdown } from '../../authoring/import-page.ts'
import { kinds } from '../../kinds/all.ts'
import { makeKinds } from '../../kinds/index.ts'
import { entryAt, listEntries, readEntry } from '../../library.ts'
import type { LibraryEntry } from '../../library.ts'
import { linkLibrary } from '../../links/link-targets.ts'
import type { LinkLibrary } from '../../links/link-targets.ts'
import { byName } from '../../model/text/shortcodes.ts'
import { resolveLink } from '../../links/resolve-link.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { watchOn } from '../../kit/progress.ts'
import { printable } from '../../kit/io.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { counted } from '../../model/counted.ts'

interface Result {
  from: string
  to: string
  steps: number
  /** Parts that could not be converted, and problems of the result. */
  notes: { line: number; message: string }[]
  outcome: 'written' | 'exists' | 'nothing to run' | 'not read'
}

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const source = resolve(io.cwd, args.source)
  if (!existsSync(source)) {
    const hint = 'Give the path of a Markdown file, or of a folder of them.'
    throw new CliError(exit.usage, `There is no file \`${args.source}\``, hint)
  }
  const out = resolve(io.cwd, options.out ?? config.content)
  const folder = statSync(source).isDirectory() ? source : dirname(source)
  const entries = statSync(source).isDirectory() ? listEntries(source) : [entryAt(folder, source)]
  const paths = entries.map(({ path }) => path).filter((path) => /\.md$/i.test(path))
  if (paths.length === 0)
    throw new CliError(exit.usage, `There is no Markdown in ${shown(source, io.cwd)}`, 'Files end in .md.')
  const moves = await movesOf(entries, folder, out, config.root, io)
  const results: Result[] = []
  for (const path of watchOn(io)(paths, 'documents'))
    results.push(await importFile(path, targetOf(path, folder, out), moves, dryRun, io))
  if (io.json) io.out(JSON.stringify(results, undefined, 2))
  else for (const result of results) print(result, io)
  const left = results.filter(({ outcome }) => outcome === 'exists').length
  if (left > 0) io.note(`${left} of ${results.length} not written, since the file exists already.`)
  if (results.some(({ outcome }) => outcome === 'not read')) return exit.invalid
  return left > 0 ? exit.usage : exit.done
}

function targetOf(path: string, folder: string, out: string): string {
  return join(out, relative(folder, path).replace(/\.md$/i, '.mdx'))
}

/** Where the documents of an import will lie, and what their links lead to. */
interface Moves {
  library: LinkLibrary
  /** The result of each document that has steps. */
  targets: ReadonlyMap<string, string>
}

async function movesOf(
  entries: readonly LibraryEntry[],
  folder: string,
  out: string,
  root: string,
  io: Io,
): Promise<Moves> {
  const documents: { path: string; document: Runbook }[] = []
  for (const entry of entries)
    documents.push({ path: entry.path, document: (await readEntry(entry, io.cwd, makeKinds())).document })
  const moving = documents.filter(({ document }) => document.format === 'md' && document.steps.length > 0)
  const targets = new Map(moving.map(({ path }) => [path, targetOf(path, folder, out)]))
  return { library: linkLibrary({ root, content: folder, documents }), targets }
}

/** A relative address of a document as it must be where its result will lie. */
function readdressed(address: string, path: string, target: string, { library, targets }: Moves): string {
  const url = address.startsWith(byName) ? address.slice(byName.length) : address
  if (/^(?:[/?#]|[a-z][a-z0-9+.-]*:)/i.test(url)) return url
  const link = resolveLink(address, path, library)
  if (link.type !== 'page' && link.type !== 'file') return url
  const suffix = link.type === 'page' ? link.suffix : url.slice(url.search(/[?#]|$/))
  const file = link.type === 'page' ? (targets.get(link.path) ?? link.path) : join(library.root, link.file)
  const moved = encodeURI(relative(dirname(target), file).split(sep).join('/'))
  return moved.replaceAll(/[()#?]/g, (char) => `%${char.charCodeAt(0).toString(16)}`) + suffix
}

/** Findings after which a document could not be read at all. */
const unreadable = new Set<string>(['file-unreadable', 'too-deep', 'too-large'])

function noteOf({ place, message, code }: Diagnostic): Result['notes'][number] {
  return { line: place.line, message: `${message} [${code}]` }
}

/** The original is never touched, and no file is written over. */
async function importFile(
  path: string,
  target: string,
  moves: Moves,
  dryRun: boolean,
  io: Io,
): Promise<Result> {
  const from = shown(path, io.cwd)
  const to = shown(target, io.cwd)
  const { bytes, diagnostics } = await readEntry(entryAt(dirname(path), path), io.cwd, makeKinds())
  const refused = diagnostics.filter(({ code }) => unreadable.has(code))
  if (refused.length > 0) return { from, to, steps: 0, notes: refused.map(noteOf), outcome: 'not read' }
  const name = basename(path).replace(/\.md$/i, '')
  const imported = importMarkdown(bytes, from, name, (url) => readdressed(url, path, target, moves))
  const source = { file: to, slug: 'imported', bytes: Buffer.from(imported.text) }
  const problems = readRunbook(source, kinds).diagnostics.filter(({ severity }) => severity === 'error')
  const notes = [
    ...imported.notes,
    ...problems.map(noteOf).map(({ line, message }) => ({ line, message: `in the result: ${message}` })),
  ]
  const outcome = imported.steps === 0 ? 'nothing to run' : existsSync(target) ? 'exists' : 'written'
  if (outcome === 'written' && !dryRun) {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, imported.text, { flag: 'wx' })
  }
  return { from, to, steps: imported.steps, notes, outcome }
}

function print({ from, to, steps, notes, outcome }: Result, io: Io): void {
  if (outcome === 'nothing to run') {
    io.out(`${from}: nothing to run; it is published and searched as Markdown`)
    return
  }
  if (outcome === 'not read') {
    for (const { line, message } of notes) io.out(`${from}:${line}: not imported: ${printable(message)}`)
    return
  }
  io.out(`${from} → ${to}: ${outcome === 'written' ? counted(steps, 'step') : 'exists already'}`)
  for (const { line, message } of notes) io.out(`  ${from}:${line}: ${printable(message)}`)
}
