import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { billOfMaterials, bundledPackages, licenseText } from './programs/package/bundled-packages.ts'
import { bundle, libraries } from './programs/package/bundle.ts'
import { lockedPackages } from './programs/package/locked-packages.ts'
import { copyGuide } from './programs/package/copy-guide.ts'
import { ownFiles } from './programs/package/own-files.ts'
import { copySite } from './programs/package/copy-site.ts'
import { writeTypes } from './programs/package/write-types.ts'
import { textsFile } from '../runner/own-files.ts'
import { pagesPackage } from '../runner/kit/optional-package.ts'
import { makeFolder } from '../runner/make-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where the packages are made: the command with the operations, and the pages. */
export const packageFolder = join(root, 'dist', 'package')
export const pagesFolder = join(root, 'dist', 'pages')

interface Manifest {
  name: string
  version: string
  description: string
  license: string
  keywords: string[]
  engines: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const { name, version, description, license, keywords, engines, optionalDependencies } = manifest
const versions: Record<string, string | undefined> = {
  ...manifest.devDependencies,
  ...manifest.dependencies,
}

/** The packages that a workspace installs for what it chooses: a provider of flags, or team mode. */
const chosenByPrograms = [
  '@dbos-inc/dbos-sdk',
  'pg',
  '@openfeature/server-sdk',
  '@launchdarkly/node-server-sdk',
  '@launchdarkly/openfeature-node-server',
  'unleash-client',
]

/** Clients that only some operations need, and that a workspace installs when it uses them. */
export const leftOutside: readonly string[] = ['playwright-core', ...chosenByPrograms]

/**
 * Makes the package of the command: plain JavaScript with everything it needs inside. Node refuses TypeScript under
 * node_modules, so the sources cannot be shipped as they are. Where nobody compiles against it, it needs no types.
 */
export async function makePackage(folder = packageFolder, hasTypes = true): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  makeFolder(folder, 0o777)
  const bin = join(folder, 'bin')
  const outside = [...Object.keys(optionalDependencies ?? {}), ...leftOutside]
  const packages = bundledPackages(root, await bundle(root, bin, outside))
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licenseText(packages))
  writeJson(join(folder, 'sbom.cdx.json'), billOfMaterials(name, version, packages))
  if (hasTypes) writeTypes(root, Object.values(libraries), join(folder, 'types'))
  const shipped = {
    name,
    version,
    description,
    license,
    keywords,
    type: 'module',
    bin: { runbook: 'bin/main.mjs' },
    exports: {
      '.': { types: './types/index.d.ts', default: './bin/index.mjs' },
      './reader': { types: './types/reader.d.ts', default: './bin/reader.mjs' },
      './flags': { types: './types/flags/index.d.ts', default: './bin/flags.mjs' },
    },
    engines,
    optionalDependencies,
    peerDependencies: Object.fromEntries(
      chosenByPrograms.map((one) => [one, `^${versions[one]?.replace('^', '')}`]),
    ),
    peerDependenciesMeta: Object.fromEntries(chosenByPrograms.map((one) => [one, { optional: true }])),
  }
  writeJson(join(folder, 'package.json'), shipped)
  const texts = Object.entries(ownFiles(root)).map(([own, path]) => [own, readFileSync(path, 'utf8')])
  writeFileSync(join(bin, textsFile), JSON.stringify(Object.fromEntries(texts)))
  // Steps find `runbook` there.
  cpSync(join(root, 'runner/engine/path'), join(bin, 'path'), { recursive: true })
  chmodSync(join(bin, 'path/runbook'), 0o755)
}

/** Makes the package of the pages: the site's sources and the guide, with the packages that build them. */
export async function makePages(folder = pagesFolder): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const needed = await copySite(root, join(folder, 'site'))
  const shipped = {
    name: pagesPackage,
    version,
    description: 'The pages of runbooks and runs, for `runbook site build`.',
    license,
    keywords,
    type: 'module',
    engines,
    dependencies: Object.fromEntries(needed.map((one) => [one, versions[one]])),
  }
  writeJson(join(folder, 'package.json'), shipped)
  copyGuide(root, join(folder, 'site', 'guide'))
  const packages = lockedPackages(root, needed)
  const head =
    'This package is installed with the packages below, each under its own license. Pages that it builds contain code of some of them.'
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licenseText(packages, head))
  writeJson(join(folder, 'sbom.cdx.json'), billOfMaterials(pagesPackage, version, packages))
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  writeFileSync(join(folder, 'README.md'), pagesReadme)
}

const pagesReadme = `# ${pagesPackage}

The pages of [Runbook](https://www.npmjs.com/package/${name}). Install this package beside \`${name}\`, in the same version; then
\`runbook site build\` writes the pages of a workspace, and \`runbook site dev\` shows them while you write.
`

function writeJson(path: string, document: object): void {
  writeFileSync(path, `${JSON.stringify(document, undefined, 2)}\n`)
}

if (import.meta.main) {
  await makePackage()
  await makePages()
}
