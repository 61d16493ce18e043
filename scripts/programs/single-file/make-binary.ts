import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { inject } from 'postject'
import { billOfMaterials, bundledPackages, licenseText } from '../package/bundled-packages.ts'
import type { BundledPackage } from '../package/bundled-packages.ts'
import { ownFiles } from '../package/own-files.ts'
import { bundleOne } from './bundle-one.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

/** The marker that Node looks for in its own file. */
const sentinelFuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

export interface Binary {
  /** Absolute path. */
  file: string
  /** Texts of the licenses of everything inside. */
  licenses: string
  /** List of everything inside, in CycloneDX: the bundled packages, and Node. */
  contents: object
}

/**
 * Makes the single file for this system: a copy of the Node of the packages with the program inside. The same source
 * gives the same bytes in every folder.
 * @param folder where the file and its parts are written
 * @param external packages that stay outside
 */
export async function makeBinary(root: string, folder: string, external: readonly string[]): Promise<Binary> {
  makeFolder(folder, 0o777)
  const { main, later, metafiles } = await bundleOne(root, folder, external)
  const node = realpathSync(join(root, 'node_modules/node/bin/node'))
  const packages = bundledPackages(root, metafiles)
  const manifest = join(folder, 'program.json')
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string
    version: string
  }
  writeFileSync(manifest, JSON.stringify({ name, version }))
  const runtime = runtimeOf(root)
  const licenses = licensesOf(packages, runtime)
  const blob = join(folder, 'runbook.blob')
  const config = join(folder, 'sea-config.json')
  writeFileSync(
    config,
    JSON.stringify({
      // The path of the script is in the blob: it is the same in every folder.
      main: basename(main),
      output: basename(blob),
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      // NODE_OPTIONS of a shell cannot put code into it.
      execArgvExtension: 'none',
      assets: { ...assets(root), ...scripts(node, later), 'program/package.json': manifest },
    }),
  )
  execFileSync(node, [seed, '--experimental-sea-config', config], { cwd: folder, env: {}, stdio: 'pipe' })
  const file = join(folder, 'runbook')
  copyFileSync(node, file)
  chmodSync(file, 0o755)
  // Symbols are a seventh of it. Stripped later, the file would not start.
  if (process.platform === 'linux') execFileSync('strip', [file], { stdio: 'pipe' })
  await withoutWarnings(() =>
    inject(file, 'NODE_SEA_BLOB', readFileSync(blob), {
      sentinelFuse,
      ...(process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {}),
    }),
  )
  if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', '--force', file])
  return { file, licenses, contents: billOfMaterials(name, version, [...packages, runtime]) }
}

/** The injector warns on the console of names of sections in Node's own file, over the line of the stage. It throws its failures. */
async function withoutWarnings(work: () => Promise<void>): Promise<void> {
  const { log, warn } = console
  Object.assign(console, { log: () => {}, warn: () => {} })
  try {
    await work()
  } finally {
    Object.assign(console, { log, warn })
  }
}

/** Without a seed, the code cache differs from build to build; other flags would have the cache refused. */
const seed = '--random-seed=1'

/** Writes down what V8 makes of a script: its path, and that of the result. */
const compile = `
const { readFileSync, writeFileSync } = require('node:fs')
const { Script } = require('node:vm')
const [from, to] = process.argv.slice(1)
writeFileSync(to, new Script(readFileSync(from, 'latin1'), { filename: from }).createCachedData())`

/** Scripts with the code that V8 makes of them, by their names in the single file. */
function scripts(node: string, files: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    files.flatMap((file) => {
      const [name, code] = [basename(file, '.cjs'), `${file.slice(0, -'.cjs'.length)}.cache`]
      execFileSync(node, [seed, '-e', compile, basename(file), code], { cwd: dirname(file), env: {} })
      return [
        [`program/${name}.cjs`, file],
        [`program/${name}.cache`, code],
      ]
    }),
  )
}

/** The files that come with the program and are not code, by their names in the single file. */
function assets(root: string): Record<string, string> {
  const platform = `node_modules/@lydell/node-pty-${process.platform}-${process.arch}`
  const native = readdirSync(join(root, platform))
    .filter((name) => name.endsWith('.node') || name === 'spawn-helper')
    .map((name): [string, string] => [`native/${name}`, join(root, platform, name)])
  return { ...ownFiles(root), ...Object.fromEntries(native) }
}

/** The Node that the file is a copy of, with the licenses of its parts. */
function runtimeOf(root: string): BundledPackage {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  const { version } = JSON.parse(read('node_modules/node/package.json')) as { version: string }
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { integrity?: string }> }
  const { integrity } = lock.packages['node_modules/node'] ?? {}
  return {
    name: 'node',
    version,
    license: 'MIT',
    texts: [read(`packaging/node-${version}.LICENSE.txt`)],
    integrity,
  }
}

function licensesOf(packages: readonly BundledPackage[], { version, texts }: BundledPackage): string {
  return `${licenseText(packages)}\n${'-'.repeat(80)}\n\nNode.js ${version}\n\n${texts.join('')}`
}
