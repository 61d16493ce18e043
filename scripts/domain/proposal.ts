import { inc, parse } from 'semver'
import * as z from 'zod'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { parseYaml } from '../../runner/model/text/yaml.ts'

/** How a change moves a version, the smallest first. */
const LEVELS = ['none', 'patch', 'minor', 'major'] as const
/** @internal */
export type Level = (typeof LEVELS)[number]

/** A reason for a level: a change as it was written down, or a commit. */
export interface Change {
  level: Level
  /** The packages it is about; undefined is all of them. */
  packages: readonly string[] | undefined
  /** The name of the changeset, or the commit. */
  from: string
  text: string
}

/** A package with its version. */
export interface Versioned {
  name: string
  version: string
}

/** A package with the version that the changes ask for. */
export interface Proposed extends Versioned {
  level: Level
  next: string
  /** The changes that are about it, or about a package that is released together with it. */
  because: string[]
}

const changesetLevels = z.record(z.string(), z.enum(LEVELS))

/**
 * Reads a changeset: `"package": minor` for each package, between two lines of hyphens, and a text.
 * @throws {CliError} naming the file
 */
export function readChangeset(name: string, text: string): Change[] {
  const [, head, body = ''] = /^---\r?\n([\s\S]*?)\r?\n?---\r?\n?([\s\S]*)$/.exec(text) ?? []
  const read = changesetLevels.safeParse(head === undefined ? undefined : (yamlOf(head) ?? {}))
  if (!read.success)
    throw new CliError(
      exit.failed,
      `.changeset/${name} is not a changeset: expected \`"package": patch\`, minor, major or none, between two lines of three hyphens`,
      'Correct the file.',
    )
  return Object.entries(read.data).map(([one, level]) => ({
    level,
    packages: [one],
    from: name,
    text: body.trim().split('\n')[0] ?? '',
  }))
}

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text)
  } catch {
    return undefined
  }
}

/** The level of a commit by its message, as Conventional Commits define it. */
export function readCommit(hash: string, message: string): Change {
  const [subject = ''] = message.split('\n')
  const [, type = '', breaking] = /^(\w+)(?:\([^)]*\))?(!)?: /.exec(subject) ?? []
  const isBreaking = breaking !== undefined || /^BREAKING[ -]CHANGE: /m.test(message)
  const level = isBreaking
    ? 'major'
    : type === 'feat'
      ? 'minor'
      : /^(?:fix|perf|revert)$/.test(type)
        ? 'patch'
        : 'none'
  return { level, packages: undefined, from: hash, text: subject }
}

/**
 * The next version of each package.
 * @param together groups of packages that always have one version, such as `fixed` in `.changeset/config.json`
 * @param pre the word of a pre-release, such as `rc`; undefined outside the mode of pre-releases
 */
export function propose(
  packages: readonly Versioned[],
  changes: readonly Change[],
  { together = [], pre }: { together?: readonly (readonly string[])[]; pre?: string | undefined } = {},
): Proposed[] {
  const unknown = changes
    .flatMap((one) => one.packages ?? [])
    .find((name) => !packages.some((one) => one.name === name))
  if (unknown !== undefined)
    throw new CliError(
      exit.failed,
      `A changeset names the package \`${unknown}\`, which is not there`,
      'Correct its name in the changeset.',
    )
  return packages.map(({ name, version }) => {
    const group = together.find((names) => names.includes(name)) ?? [name]
    const about = changes.filter(
      (one) => one.packages === undefined || one.packages.some((other) => group.includes(other)),
    )
    const level = LEVELS[Math.max(0, ...about.map((one) => LEVELS.indexOf(one.level)))] ?? 'none'
    const because = about.filter((one) => one.level !== 'none').map((one) => `${one.from}: ${one.text}`)
    const highest =
      packages
        .filter((one) => group.includes(one.name))
        .map((one) => one.version)
        .toSorted(byVersion)
        .at(-1) ?? version
    return {
      name,
      version,
      level,
      next: level === 'none' ? version : nextVersion(highest, level, pre),
      because,
    }
  })
}

function byVersion(a: string, b: string): number {
  return parse(a)?.compare(b) ?? 0
}

/**
 * The version after one. In the mode of pre-releases `1.4.0` and a minor change give `1.5.0-rc.0`, and then `1.5.0-rc.1`;
 * outside it `1.5.0-rc.1` gives `1.5.0`.
 * @internal
 */
export function nextVersion(version: string, level: Exclude<Level, 'none'>, pre?: string): string {
  const read = parse(version)
  if (read === null)
    throw new CliError(exit.failed, `\`${version}\` is not a version`, 'Correct it in package.json.')
  const current = read.prerelease[0]
  // A pre-release of the same level or a higher one stays the same release.
  const covers =
    current !== undefined &&
    (level === 'patch' || (level === 'minor' && read.patch === 0) || (read.minor === 0 && read.patch === 0))
  if (pre === undefined) return inc(version, level) ?? version
  return (covers ? inc(version, 'prerelease', pre) : inc(version, `pre${level}`, pre)) ?? version
}
