import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Lists of installed packages, of each package manager. The first of npm is beside the packages. */
const lists = [
  '.package-lock.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
]

/**
 * Hex SHA-256 of all that makes pages: the sources of the site and of the reader, Node, and the list of installed packages.
 * By contents and not by time, so that it is the same in a fresh clone. `own` is the folder of the site's sources.
 * @internal
 */
export function codeVersion(own: string): string {
  const hash = createHash('sha256').update(process.version)
  for (const file of [...sourcesIn(own), ...listAbove(own)])
    hash.update(`\0${file.slice(own.length)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

const versions = new Map<string, string>()

/** `codeVersion` of the code that this process runs, which it read once. */
export function runningVersion(own: string): string {
  const folder = resolve(own)
  const version = versions.get(folder) ?? codeVersion(folder)
  versions.set(folder, version)
  return version
}

function sourcesIn(own: string): string[] {
  const files = ['src', 'runner'].flatMap((name) => {
    const folder = join(own, name)
    const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
    return names.filter((file) => /\.(?:[cm]?[jt]s|astro|css)$/.test(file)).map((file) => join(folder, file))
  })
  return [join(own, 'astro.config.mjs'), ...files.filter((file) => !file.endsWith('.test.ts'))]
    .filter((file) => existsSync(file))
    .toSorted()
}

/** The nearest lists at or above a folder. */
function listAbove(folder: string): string[] {
  const nearest = lists.map((name) => join(folder, name)).filter((file) => existsSync(file))
  return nearest.length > 0 || dirname(folder) === folder ? nearest : listAbove(dirname(folder))
}
