import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { writeAtomically } from './lib/atomic.ts'
import { bumpOf } from './lib/bump.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { Failure, messageOf, usageFailure } from './lib/failure.ts'
import { git } from './lib/git.ts'
import { runProgram } from './lib/program.ts'
import { required, version as versionFlag } from './lib/values.ts'

/** Where a file says its version; each has the text before the version as its first group. */
const PATTERNS: readonly [file: RegExp, version: RegExp][] = [
  [/\.json$/, /^(\s*"version"\s*:\s*")([^"]+)/m],
  [/\.py$/, /^(__version__\s*=\s*["'])([^"']+)/m],
  [/\.toml$/, /^(version\s*=\s*")([^"]+)/m],
  [/(^|\/)VERSION$/, /^()(\S+)/],
]

const OPTIONS = {
  repository: { type: 'string', value: 'DIR', help: 'Checkout of the product (default .).' },
  file: {
    type: 'string',
    multiple: true,
    value: 'PATH',
    help: 'A .json, .py or .toml file, or VERSION. May be given more than once.',
  },
  ...DRY_RUN,
  ...COMMON,
} as const

const show = command({
  summary:
    'prints the version in each file, what it was at another commit, and whether that is a patch, minor or major.',
  options: {
    since: { type: 'string', value: 'REF', help: 'What to compare with (default the newest tag).' },
    ...OPTIONS,
  } as const,
  examples: ['node scripts/versions.ts --repository .lab/storefront --file package.json --since v1.3.0'],
  async run(values): Promise<Outcome> {
    const repository = values.repository ?? '.'
    const since = values.since ?? (await git(repository, ['describe', '--tags', '--abbrev=0'])).trim()
    const rows = await Promise.all(
      filesOf(values.file).map(async (file) => {
        const from = versionIn(file, await git(repository, ['show', '--end-of-options', `${since}:${file}`]))
        const to = versionIn(file, await read(join(repository, file)))
        return { file, from, to, bump: bumpOf(from, to) ?? 'unknown' }
      }),
    )
    const back = rows.filter(({ bump }) => bump === 'back' || bump === 'unknown')
    return {
      document: { ok: back.length === 0, since, files: rows },
      text: rows.map(({ file, from, to, bump }) => `${bump.padEnd(10)} ${file}: ${from} → ${to}\n`).join(''),
      exitCode: back.length === 0 ? 0 : 1,
      remedy: 'A version never goes back: give a higher one.',
    }
  },
})

const set = command({
  summary: 'writes a version into the files, and reads it back. The same version again changes nothing.',
  options: { version: { type: 'string', value: 'X.Y.Z', help: 'The new version.' }, ...OPTIONS } as const,
  async run(values): Promise<Outcome> {
    const repository = values.repository ?? '.'
    const to = versionFlag(required(values.version, '--version'), '--version')
    const rows: { file: string; from: string; to: string; changed: boolean }[] = []
    // All are looked at before one is written: a refusal leaves none of them changed.
    for (const file of filesOf(values.file)) {
      const from = versionIn(file, await read(join(repository, file)))
      if (bumpOf(from, to) === 'back')
        throw new Failure(`${file} has ${from}.`, `${to} would go back.`, 'Choose a version after it.')
      rows.push({ file, from, to, changed: from !== to })
    }
    if (values['dry-run'] !== true)
      for (const { file, changed } of rows) if (changed) await write(join(repository, file), to)
    const mark = (changed: boolean): string => (!changed ? '=' : values['dry-run'] === true ? '!' : '+')
    return {
      document: { ok: true, files: rows },
      text: rows.map(({ file, from, changed }) => `${mark(changed)} ${file}: ${from} → ${to}\n`).join(''),
    }
  },
})

function filesOf(files: readonly string[] | undefined): readonly string[] {
  if (files !== undefined && files.length > 0) return files
  throw usageFailure('--file is missing.', 'No file was named.', 'Give each file: --file package.json')
}

function patternOf(file: string): RegExp {
  const found = PATTERNS.find(([name]) => name.test(file))
  if (found !== undefined) return found[1]
  throw usageFailure(
    `${file} has no known form.`,
    'Its version cannot be found.',
    'Name a .json, .py or .toml file, or VERSION.',
  )
}

function versionIn(file: string, text: string): string {
  const found = patternOf(file).exec(text)?.[2]
  if (found !== undefined) return found
  throw new Failure(
    `${file} has no version.`,
    'No line of the usual form was found.',
    'Add one, or leave the file out.',
  )
}

/** Writes a version into a file, and reads it back. */
async function write(path: string, to: string): Promise<void> {
  await writeAtomically(path, (await read(path)).replace(patternOf(path), `$1${to}`))
  const written = versionIn(path, await read(path))
  if (written !== to)
    throw new Failure(`${path} has ${written} after the change.`, `Expected ${to}.`, 'Look at the file.')
}

async function read(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Failure(`${path} cannot be read.`, messageOf(error), 'Check --file and --repository.')
  })
}

export const program: Program = {
  name: 'node scripts/versions.ts',
  summary: 'the versions of the parts of a product.',
  commands: { show, set },
  fallback: 'show',
}

if (import.meta.main) await runProgram(program)
