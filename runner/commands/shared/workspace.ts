import { existsSync, statSync } from 'node:fs'
import { extname, relative, resolve, sep } from 'node:path'
import { loadConfig } from '../../config.ts'
import type { Config } from '../../config.ts'
import { listRuns } from '../../journal/record/run-store.ts'
import { findEntry, listEntries, readEntry } from '../../library.ts'
import { recallParams } from '../../model/steps/step-params.ts'
import type { Runbook } from '../../model/runbook.ts'
import { suggest } from '../../model/suggest.ts'
import { adviceFor } from './other-documents.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { counted } from '../../model/counted.ts'

/** @param from where the search for the workspace begins. Default: the working directory. */
export function openWorkspace(io: Io, from?: string): Promise<Config> {
  return loadConfig(io.cwd, io.env, from)
}

/** Reads the runbook of a name or path; findings are printed, and errors among them end the call. */
export async function openRunbook(
  config: Config,
  name: string,
  io: Io,
): Promise<{ runbook: Runbook; document: Buffer }> {
  const entry = findEntry(config.content, name, io.cwd)
  if (!entry) throw unknownRunbook(config, name, io)
  const { runbook, diagnostics, bytes, params } = await readEntry(entry, io.cwd, config.kinds)
  recallParams(params)
  if (runbook) return { runbook, document: bytes }
  printDiagnostics(diagnostics, io, config.site)
  const count = diagnostics.filter(({ severity }) => severity === 'error').length
  throw new CliError(
    exit.invalid,
    `${name} has ${counted(count, 'error')}; nothing ran`,
    `Correct it and try \`runbook check ${name}\`.`,
  )
}

export function unknownRunbook(config: Config, name: string, io: Io): CliError {
  if (statSync(resolve(io.cwd, name), { throwIfNoEntry: false })?.isFile() === true)
    return new CliError(
      exit.usage,
      `The file \`${name}\` is not a runbook: its name does not end in .md or .mdx`,
      adviceFor([extname(name)]) || 'Write the runbook as Markdown, in a file that ends in .md or .mdx.',
    )
  const slugs = listEntries(config.content).map(({ slug }) => slug)
  const near = slugs.find((slug) => slug.endsWith(`/${name}`)) ?? suggest(name, slugs)
  const where = shown(config.content, io.cwd)
  if (near)
    return new CliError(
      exit.usage,
      `There is no runbook \`${name}\` in ${where}`,
      `Did you mean \`${near}\`?`,
    )
  const hint = existsSync(config.content)
    ? 'See `runbook list`, or give the path of a file.'
    : `${where} does not exist. Write a first runbook with \`runbook new blank hello\`, or name another folder in runbook.config.ts.`
  return new CliError(exit.usage, `There is no runbook \`${name}\` in ${where}`, hint)
}

/** A path as people read it: relative when that is shorter. */
export function shown(path: string, cwd: string): string {
  const inside = relative(cwd, path).split(sep).join('/')
  return inside === '' ? '.' : inside.startsWith('../../') ? path : inside
}

/** The run of a full id, the beginning or the end of one, or `last`. */
export function findRun(config: Config, name: string): string {
  const runs = listRuns(config.state)
  if (name === 'last' && runs[0] !== undefined) return runs[0]
  const exact = runs.find((run) => run === name)
  if (exact !== undefined) return exact
  const matches = runs.filter((run) => run.startsWith(name) || run.endsWith(name))
  if (matches.length === 1 && matches[0] !== undefined) return matches[0]
  if (matches.length > 1)
    throw new CliError(
      exit.usage,
      `\`${name}\` fits ${matches.length} runs`,
      `Write more of it: ${matches.slice(0, 5).join(', ')}.`,
    )
  const hint =
    runs.length === 0
      ? 'There are no runs yet. Start one with `runbook exec <runbook>`.'
      : `See \`runbook runs\`; the newest is ${runs[0]}.`
  throw new CliError(exit.usage, `There is no run \`${name}\``, hint)
}
