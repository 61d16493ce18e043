import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Locked {
  packages: Record<string, { optionalDependencies?: Record<string, string>; integrity?: string }>
}

const { packages } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'),
) as Locked

/** The entry that a package at `path` finds under a name, as Node looks it up: its own folder first, then outwards. */
function resolved(path: string, name: string): string | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (packages[candidate]) return candidate
    if (at === '') return undefined
  }
}

test('the lock file holds the packages of every platform, so that `npm ci` works on each', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => resolved(path, name) === undefined)
      .map((name) => `${name} of ${path || 'the project'}`),
  )
  expect(missing).toEqual([])
  const platforms = Object.keys(packages).filter((path) => /darwin|win32|linux/.test(path))
  expect(platforms.length).toBeGreaterThan(50)
})
