import { defineCommand, defineProgram, many, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { choice, filePath, semver, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from './lib/atomic.ts'
import { bumpOf } from './domain/bump.ts'
import { commitOf } from './domain/product.ts'
import { propose } from './domain/proposal.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { messageOf } from './lib/errors.ts'
import { git } from './lib/git.ts'
import { readChangesets, readCommits, readVersions } from './programs/versions/changesets.ts'
import { fileOf, versionIn, withVersion } from './lib/version-file.ts'
import { counted } from '../runner/model/counted.ts'

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

const proposal = defineCommand({
  name: 'propose',
  summary:
    'Propose the next version of each package from changesets, or from the commits since the last tag. Only reads.',
  args: {},
  options: {
    repository: OPTIONS.repository,
    ref: withDefault(string('ref'), 'HEAD', 'Commit, tag or branch.'),
    from: withDefault(
      choice(['auto', 'changesets', 'commits']),
      'auto',
      'The source; auto takes the changesets when the commit has a folder `.changeset`.',
    ),
    pre: optional(
      string('word'),
      'Propose pre-releases of this word, such as rc. In the mode of pre-releases it must be that of the mode.',
    ),
  },
  effect: 'read',
  examples: ['runbook versions propose --repository .lab/storefront'],
  async run({ options }): Promise<CommandReport> {
    const { repository, ref, from } = options
    const commit = await commitOf(repository, ref)
    const { changes, together, pre } = await readChangesets(repository, commit)
    const packages = await readVersions(repository, commit)
    const mode = preOf(pre, options.pre)
    const usesCommits = from === 'commits' || (from === 'auto' && changes.length === 0)
    const commits = usesCommits ? await readCommits(repository, commit) : undefined
    const rows = propose(packages, commits?.changes ?? changes, { together, pre: mode })
    const source =
      commits === undefined
        ? `${counted(changes.length, 'change')} of changesets`
        : `commits since ${commits.since ?? 'the first'}`
    const lines = rows.flatMap(({ name, version, level, next, because }) => [
      `${level.padEnd(10)} ${name}: ${version} → ${next}\n`,
      ...because.map((one) => `           ${one}\n`),
    ])
    const head = `from ${source}${mode === undefined ? '' : `, as pre-releases ${mode}`}\n`
    return {
      document: {
        ok: true,
        commit,
        source: commits === undefined ? 'changesets' : 'commits',
        pre: mode ?? null,
        packages: rows,
      },
      text: `${head}${lines.join('')}`,
    }
  },
})

/** The word of the pre-releases: the mode of the repository and the call must say the same. @throws {CliError} */
function preOf(mode: string | undefined, asked: string | undefined): string | undefined {
  if (mode === undefined || asked === undefined || mode === asked) return mode ?? asked
  throw new CliError(
    exit.failed,
    `The repository is in the mode of pre-releases ${mode}, and the call asks for ${asked}`,
    'Leave the mode first: changeset pre exit.',
  )
}

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
  commands: [show, set, proposal],
  fallback: 'show',
})

if (import.meta.main) await runProgram(program)
