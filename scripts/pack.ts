import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makePackage, makePages, packageFolder, pagesFolder } from './package.ts'
import { replaceManifest, restoreManifest } from './programs/package/own-manifest.ts'

/**
 * `npm pack` packs its working directory by the manifest in it. Before it, the packages are made and the manifest of
 * the command's is put in the place of ours; after it, also when it fails, ours is put back, and the pages are packed beside it.
 */
const root = fileURLToPath(new URL('..', import.meta.url))

async function begin(): Promise<void> {
  // After a power cut nothing has put it back.
  restoreManifest(root)
  await makePackage()
  await makePages()
  const { bin, exports, ...made } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    bin: unknown
    exports: unknown
  }
  const folder = relative(root, packageFolder)
  const files = [folder, ...linkedDocs(), 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']
  replaceManifest(root, { ...made, bin: within(folder, bin), exports: within(folder, exports), files })
}

/** The files of the guide that the README leads to. The package of the pages has the whole guide. */
function linkedDocs(): string[] {
  const links = readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\((content\/docs\/[^)#]+)/g)
  return [...new Set([...links].map(([, path = '']) => path))]
}

function end(): void {
  restoreManifest(root)
  if (process.env['npm_config_dry_run'] === 'true') return
  const destination = resolve(root, process.env['npm_config_pack_destination'] || '.')
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', destination], {
    cwd: pagesFolder,
    encoding: 'utf8',
  })
  // On standard output npm prints the name of the one tarball it knows of.
  process.stderr.write(packed)
}

/** The same paths, as seen from above the folder. */
function within(folder: string, paths: unknown): unknown {
  if (typeof paths === 'string') return `./${folder}/${paths.replace(/^\.\//, '')}`
  return Object.fromEntries(
    Object.entries(paths as Record<string, unknown>).map(([name, path]) => [name, within(folder, path)]),
  )
}

if (process.argv[2] === 'begin') await begin()
else end()
