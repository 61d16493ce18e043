import { defineCommand, defineProgram, many, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, semver, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from './lib/atomic.ts'
import { bumpOf } from './domain/bump.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { messageOf } from './lib/errors.ts'
import { git } from './lib/git.ts'
import { fileOf, versionIn, withVersion } from './lib/version-file.ts'

const OPTIONS = {
  repository: withDefault(filePath('folder'), '.', 'Checkout of the product.'),
  file: many(
    string('path'),
    'A .json, .py or .toml file, or VERSION; with #/path/to/version where it is not at the usual place. May be given more than once.',
  ),
}

const show = defineCommand({
  name: 'show',
  summary:
    'Print the version in each file, what it was at another commit, and whether that is a patch, minor or major.',
  args: {},
  options: {
    since: optional(string('ref'), 'Ref to compare with (default the newest tag).'),
    ...OPTIONS,
  },
  effect: 'read',
  examples: ['runbook versions --repository .lab/storefront --file package.json --since v1.3.0'],
  async run({ options }): Promise<CommandReport> {
    const repository = options.repository
    const since = options.since ?? (await git(repository, ['describe', '--tags', '--abbrev=0'])).trim()
    const rows = await Promise.all(
      filesOf(options.file).map(async (file) => {
        const from = versionIn(
          file,
          await git(repository, ['show', '--end-of-options', `${since}:${fileOf(file).path}`]),
        )
        const to = versionIn(file, await read(join(repository, fileOf(file).path)))
        return { file, from, to, bump: bumpOf(from, to) ?? 'unknown' }
      }),
    )
    const back = rows.filter(({ bump }) => bump === 'back' || bump === 'unknown')
    return {
      document: { ok: back.length === 0, since, files: rows },
      text: rows.map(({ file, from, to, bump }) => `${bump.padEnd(10)} ${file}: ${from} → ${to}\n`).join(''),
      exitCode: back.length === 0 ? 0 : 1,
      hint: 'A version never goes back: give a higher one.',
    }
  },
})

const set = defineCommand({
  name: 'set',
  summary: 'Write a version into the files, and read it back. The same version again changes nothing.',
  args: {},
  options: { version: required(semver, 'The new version.'), ...OPTIONS },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const repository = options.repository
    const to = options.version
    const rows: { file: string; from: string; to: string; changed: boolean }[] = []
    // All are looked at before one is written: a refusal leaves none of them changed.
    for (const file of filesOf(options.file)) {
      const from = versionIn(file, await read(join(repository, fileOf(file).path)))
      if (bumpOf(from, to) === 'back')
        throw new CliError(
          exit.failed,
          `${file} has ${from}: ${to} would go back`,
          'Choose a version after it.',
        )
      rows.push({ file, from, to, changed: from !== to })
    }
    if (!dryRun) for (const { file, changed } of rows) if (changed) await write(repository, file, to)
    const mark = (changed: boolean): string => (!changed ? '=' : dryRun ? '!' : '+')
    return {
      document: { ok: true, files: rows },
      text: rows.map(({ file, from, changed }) => `${mark(changed)} ${file}: ${from} → ${to}\n`).join(''),
    }
  },
})

function filesOf(files: readonly string[] | undefined): readonly string[] {
  if (files !== undefined && files.length > 0) return files
  throw new CliError(
    exit.usage,
    '--file is missing: no file was named',
    'Give each file: --file package.json',
  )
}

/** Writes a version into a file, and reads it back. */
async function write(repository: string, file: string, to: string): Promise<void> {
  const path = join(repository, fileOf(file).path)
  await writeAtomically(path, withVersion(file, await read(path), to))
  const after = versionIn(file, await read(path))
  if (after !== to)
    throw new CliError(
      exit.failed,
      `${path} has ${after} after the change: expected ${to}`,
      'Look at the file.',
    )
}

async function read(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(
      exit.failed,
      `${path} cannot be read: ${messageOf(error)}`,
      'Check --file and --repository.',
    )
  })
}

export const program = defineProgram({
  name: 'runbook versions',
  summary: 'Read and write the versions of the parts of a product.',
  commands: [show, set],
  fallback: 'show',
})

if (import.meta.main) await runProgram(program)
