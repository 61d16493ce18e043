import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { importMarkdown } from '../../authoring/import.ts'
import { kinds } from '../../kinds/all.ts'
import { entryAt, listEntries, readEntry } from '../../library.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { readRunbook } from '../../model/read.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { printable } from '../../kit/io.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'

interface Result {
  from: string
  to: string
  steps: number
  /** What could not be carried over, and what is wrong with the result. */
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
  const results: Result[] = []
  for (const path of paths) results.push(await importFile(path, targetOf(path, folder, out), dryRun, io))
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

/** Findings that say that nothing of a document was read. */
const unreadable = new Set<string>(['file-unreadable', 'too-deep', 'too-large'])

function noteOf({ place, message, code }: Diagnostic): Result['notes'][number] {
  return { line: place.line, message: `${message} [${code}]` }
}

/** The original is never touched, and no file is written over. */
async function importFile(path: string, target: string, dryRun: boolean, io: Io): Promise<Result> {
  const from = shown(path, io.cwd)
  const to = shown(target, io.cwd)
  const { bytes, diagnostics } = await readEntry(entryAt(dirname(path), path), io.cwd)
  const refused = diagnostics.filter(({ code }) => unreadable.has(code))
  if (refused.length > 0) return { from, to, steps: 0, notes: refused.map(noteOf), outcome: 'not read' }
  const imported = importMarkdown(bytes, from, basename(path).replace(/\.md$/i, ''))
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
  io.out(
    `${from} → ${to}: ${outcome === 'written' ? `${steps} step${steps === 1 ? '' : 's'}` : 'exists already'}`,
  )
  for (const { line, message } of notes) io.out(`  ${from}:${line}: ${printable(message)}`)
}
