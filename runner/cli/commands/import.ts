import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { importMarkdown } from '../../authoring/import.ts'
import { kinds } from '../../kinds/all.ts'
import { entryAt, listEntries } from '../../library.ts'
import { readRunbook } from '../../model/read.ts'
import type { Call } from '../command.ts'
import { text } from '../command.ts'
import { CliError } from '../error.ts'
import { exit } from '../exit.ts'
import type { Io } from '../io.ts'
import { printable } from '../io.ts'
import { openWorkspace, shown } from '../workspace.ts'

interface Result {
  from: string
  to: string
  steps: number
  /** What could not be carried over, and what is wrong with the result. */
  notes: { line: number; message: string }[]
  outcome: 'written' | 'exists' | 'nothing to run'
}

export async function run({ io, positionals, options }: Call): Promise<number> {
  const config = await openWorkspace(io)
  const source = resolve(io.cwd, positionals[0] ?? '')
  if (!existsSync(source)) {
    const hint = 'Give the path of a Markdown file, or of a folder of them.'
    throw new CliError(exit.usage, `There is no file \`${positionals[0]}\``, hint)
  }
  const out = resolve(io.cwd, text(options, 'out') ?? config.content)
  const folder = statSync(source).isDirectory() ? source : dirname(source)
  const entries = statSync(source).isDirectory() ? listEntries(source) : [entryAt(folder, source)]
  const paths = entries.map(({ path }) => path).filter((path) => /\.md$/i.test(path))
  if (paths.length === 0)
    throw new CliError(exit.usage, `There is no Markdown in ${shown(source, io.cwd)}`, 'Files end in .md.')
  const results = paths.map((path) => importFile(path, targetOf(path, folder, out), io))
  if (io.json) io.out(JSON.stringify(results, undefined, 2))
  else for (const result of results) print(result, io)
  const left = results.filter(({ outcome }) => outcome === 'exists').length
  if (left > 0) io.note(`${left} of ${results.length} not written, since the file exists already.`)
  return left > 0 ? exit.usage : exit.done
}

function targetOf(path: string, folder: string, out: string): string {
  return join(out, relative(folder, path).replace(/\.md$/i, '.mdx'))
}

/** The original is never touched, and no file is written over. */
function importFile(path: string, target: string, io: Io): Result {
  const from = shown(path, io.cwd)
  const imported = importMarkdown(readFileSync(path), from, basename(path).replace(/\.md$/i, ''))
  const to = shown(target, io.cwd)
  const source = { file: to, slug: 'imported', bytes: Buffer.from(imported.text) }
  const problems = readRunbook(source, kinds).diagnostics.filter(({ severity }) => severity === 'error')
  const notes = [
    ...imported.notes,
    ...problems.map(({ place, message, code }) => ({
      line: place.line,
      message: `in the result: ${message} [${code}]`,
    })),
  ]
  const outcome = imported.steps === 0 ? 'nothing to run' : existsSync(target) ? 'exists' : 'written'
  if (outcome === 'written') {
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
  io.out(
    `${from} → ${to}: ${outcome === 'written' ? `${steps} step${steps === 1 ? '' : 's'}` : 'exists already'}`,
  )
  for (const { line, message } of notes) io.out(`  ${from}:${line}: ${printable(message)}`)
}
