import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPackage } from './bundled-packages.ts'
import type { BundledPackage } from './bundled-packages.ts'
import { compareText } from '../../../runner/model/compare-text.ts'

interface Locked {
  version: string
  license?: string
  integrity?: string
  /** Whether an installation may lack it, such as one for another system. */
  optional?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/**
 * The packages that an installation of some packages brings, by name and version, as the lock file has them: the same on
 * every system. Those for one system alone are named with their license, without its text.
 */
export function lockedPackages(root: string, names: readonly string[]): BundledPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>
  }
  const folders = new Set(names.map((name) => `node_modules/${name}`))
  // Grows while it is walked: what a package needs is installed too.
  for (const folder of folders) {
    const { dependencies, optionalDependencies, peerDependencies } = lock.packages[folder] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const needed = nearest(folder, name, lock.packages)
      if (needed !== undefined) folders.add(needed)
    }
  }
  const packages = [...folders].map((folder): [string, BundledPackage] => {
    const { version = '', optional = false, license, integrity } = lock.packages[folder] ?? {}
    const one =
      !optional && existsSync(join(root, folder))
        ? readPackage(root, folder, lock)
        : { name: nameOf(folder), version, license: license ?? 'unknown', texts: [], integrity }
    return [`${one.name} ${one.version}`, one]
  })
  return [...new Map(packages).entries()].toSorted(([a], [b]) => compareText(a, b)).map(([, one]) => one)
}

/** The folder from which Node would load a package for another one. */
function nearest(from: string, name: string, packages: Record<string, unknown>): string | undefined {
  for (let above = from; ; above = above.slice(0, Math.max(above.lastIndexOf('/node_modules/'), 0))) {
    const folder = `${above === '' ? '' : `${above}/`}node_modules/${name}`
    if (packages[folder] !== undefined) return folder
    if (above === '') return undefined
  }
}

function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
