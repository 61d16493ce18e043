import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { pnpmPackages } from '../../domain/pnpm-workspace.ts'
import { isRecord } from '../../../runner/model/values/json.ts'

/** A package as the registry would get it. */
export interface Packed {
  name: string
  version: string
  /** Path of the archive. */
  file: string
  /** Digest of the archive in the form of the registry, such as `sha512-…`. */
  integrity: string
}

/** How the publication of one package ended. `already`: the registry has exactly this. */
export interface Published {
  name: string
  version: string
  status: 'done' | 'already' | 'planned' | 'failed'
  detail: string
}

interface Npm {
  status: number | null
  stdout: string
  stderr: string
}

/** The folders of the packages that may be published: the workspaces, or the repository itself when it has none. */
function publicFolders(root: string): string[] {
  const ofPnpm = join(root, 'pnpm-workspace.yaml')
  const { workspaces } = manifestOf(root)
  const own = Array.isArray(workspaces) ? workspaces.map(String) : undefined
  const patterns = existsSync(ofPnpm) ? pnpmPackages(readFileSync(ofPnpm, 'utf8')) : own
  const folders = patterns
    ?.flatMap((pattern) => globSync(join(pattern, 'package.json'), { cwd: root }))
    .map((file) => join(root, dirname(file)))
  return (folders ?? [root]).toSorted().filter((folder) => manifestOf(folder)['private'] !== true)
}

function manifestOf(folder: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return isRecord(value) ? value : {}
}

/** Packs every public package of an export into a folder. @throws {CliError} when npm refuses one */
export function packAll(root: string, into: string): Packed[] {
  if (existsSync(join(root, 'package-lock.json')))
    accepted(npm(root, ['ci', '--no-audit', '--no-fund']), 'npm ci')
  const folders = publicFolders(root)
  for (const folder of folders) refuseWorkspaceRanges(folder)
  return folders.map((folder) => {
    const packed = accepted(npm(folder, ['pack', '--json', '--pack-destination', into]), 'npm pack')
    const [archive] = JSON.parse(packed) as {
      name: string
      version: string
      filename: string
      integrity: string
    }[]
    const { name = '', version = '', filename = '', integrity = '' } = archive ?? {}
    return { name, version, integrity, file: join(into, filename) }
  })
}

/** npm packs `workspace:^1` as it is written, which no registry's client can resolve. @throws {CliError} */
function refuseWorkspaceRanges(folder: string): void {
  const manifest = manifestOf(folder)
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
    const ranges = isRecord(manifest[field]) ? Object.entries(manifest[field]) : []
    const local = ranges.find(([, range]) => typeof range === 'string' && range.startsWith('workspace:'))
    if (local !== undefined)
      throw new CliError(
        exit.failed,
        `${String(manifest['name'])} depends on ${local[0]} by \`${String(local[1])}\`, which only pnpm resolves`,
        'Name the range that users get, such as ^1.4.0; pnpm still links the local package.',
      )
  }
}

/** Publishes a package unless the registry has it, and reads it back. Never throws: the next one is tried. */
export function publish(one: Packed, registry: readonly string[], dryRun: boolean): Published {
  const { name, version, file, integrity } = one
  const ended = (status: Published['status'], detail: string): Published => ({
    name,
    version,
    status,
    detail,
  })
  const before = stored(one, registry)
  if (before.problem !== undefined) return ended('failed', before.problem)
  if (before.integrity === integrity) return ended('already', 'the registry has it')
  if (before.integrity !== undefined)
    return ended('failed', 'the registry has another archive of this version; raise the version')
  const tag = tagOf(version)
  if (dryRun) return ended('planned', `would be published as ${tag}`)
  const sent = npm(dirname(file), ['publish', file, '--tag', tag, ...registry])
  const after = stored(one, registry)
  if (after.integrity === integrity) return ended('done', `published as ${tag}`)
  return ended('failed', sent.status === 0 ? 'the registry does not show it' : reasonOf(sent))
}

/** A pre-release never moves `latest`: `1.4.0-rc.1` is published as `rc`. */
function tagOf(version: string): string {
  return /^[^-+]+-([a-z]+)/i.exec(version)?.[1] ?? (version.includes('-') ? 'next' : 'latest')
}

function stored(
  { name, version }: Packed,
  registry: readonly string[],
): { integrity?: string; problem?: string } {
  const seen = npm('.', [
    'view',
    `${name}@${version}`,
    'dist.integrity',
    '--json',
    '--prefer-online',
    ...registry,
  ])
  // npm answers with nothing for a version that a known package does not have.
  if (seen.status === 0)
    return seen.stdout.trim() === '' ? {} : { integrity: String(JSON.parse(seen.stdout)) }
  return seen.stdout.includes('E404') || seen.stderr.includes('E404') ? {} : { problem: reasonOf(seen) }
}

function npm(cwd: string, args: readonly string[]): Npm {
  const { status, stdout, stderr, error } = spawnSync('npm', [...args, '--loglevel', 'error'], {
    cwd,
    encoding: 'utf8',
  })
  return { status, stdout: stdout ?? '', stderr: stderr ?? error?.message ?? '' }
}

function accepted(ran: Npm, what: string): string {
  if (ran.status === 0) return ran.stdout
  throw new CliError(exit.failed, `${what} failed: ${reasonOf(ran)}`, 'Correct the package, and commit it.')
}

function reasonOf({ stdout, stderr }: Npm): string {
  const lines = `${stderr}\n${stdout}`.split('\n')
  const told = lines.filter(
    (line) => /^npm (?:error|ERR!) /.test(line) && !/ code | A complete log /.test(line),
  )
  return (told[0] ?? lines.find((line) => line.trim() !== '') ?? 'npm said nothing')
    .replace(/^npm (?:error|ERR!) /, '')
    .trim()
}
