import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string }

/** Not in a clone, or written at this moment by the tests beside this one. */
const left = new Set(['.git', 'node_modules', 'dist', '.runbook', '.lab', '.astro', 'coverage'])

/** The tarballs of a release. */
export interface Tarballs {
  command: string
  pages: string
}

/**
 * Packs a copy of the repository, because npm packs the folder it is started in. The files of tests in one run share the
 * tarballs: they run one after the other.
 */
export function packTarballs(): Tarballs {
  const folder = join(process.env['RUNBOOK_TESTS'] ?? mkdtempSync(join(tmpdir(), 'rb-')), 'packed')
  const tarballs = {
    command: join(folder, `runbook-${version}.tgz`),
    pages: join(folder, `runbook-pages-${version}.tgz`),
  }
  if (existsSync(tarballs.command) && existsSync(tarballs.pages)) return tarballs
  const copy = join(folder, 'repository')
  cpSync(repository, copy, {
    recursive: true,
    filter: (path) => !left.has(relative(repository, path).split('/')[0] ?? ''),
  })
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
  const manifest = readFileSync(join(copy, 'package.json'), 'utf8')
  const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: copy,
    encoding: 'utf8',
  })
  expect(packed.status, packed.stderr).toBe(0)
  expect(readFileSync(join(copy, 'package.json'), 'utf8')).toBe(manifest)
  return tarballs
}

/** Installs the command in an empty folder of somebody else, without its optional packages. Returns its program. */
export function installCommand({ command }: Tarballs, home: string): string {
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
  const how = ['--no-audit', '--no-fund', '--omit=optional', '--prefer-offline', '--ignore-scripts']
  const done = spawnSync('npm', ['install', ...how, command], { cwd: home, encoding: 'utf8' })
  expect(done.status, done.stderr).toBe(0)
  return join(home, 'node_modules/runbook/dist/package/bin/main.mjs')
}

/** Puts the pages beside the command, with the packages they depend on from here, to spare the network. */
export function installPages({ pages }: Tarballs, home: string): void {
  const modules = join(home, 'node_modules')
  const target = join(modules, 'runbook-pages')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', pages, '-C', target, '--strip-components=1'])
  const { dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(target, 'node_modules', name, '..'), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(target, 'node_modules', name))
  }
}
