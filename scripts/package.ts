import { execFileSync } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import { packageSite } from './package-site.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where the package is made. */
export const packageFolder = join(root, 'dist', 'package')

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

/**
 * Makes the package: plain JavaScript with everything it needs inside, split so that a command loads only its own
 * part. Node refuses TypeScript under node_modules, so the sources cannot be shipped as they are.
 */
export async function makePackage(folder = packageFolder): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  await bundle(folder, Object.keys(manifest.optionalDependencies ?? {}))
  writeTypes(join(folder, 'types'))
  const { name, version, description, license, keywords, engines } = manifest
  const forSite = await packageSite(root, join(folder, 'site'))
  const versions: Record<string, string | undefined> = {
    ...manifest.devDependencies,
    ...manifest.dependencies,
  }
  const optionalDependencies = {
    ...manifest.optionalDependencies,
    ...Object.fromEntries(forSite.map((one) => [one, versions[one]])),
  }
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
    },
    engines,
    optionalDependencies,
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(shipped, undefined, 2)}\n`)
  // Beside the chunks: a bundle of evidence contains the recipe unchanged.
  await cp(join(root, 'runner/journal/recipe'), join(folder, 'bin/recipe'), { recursive: true })
  await cp(join(root, 'runner/pages/styles'), join(folder, 'bin/styles'), { recursive: true })
  await cp(join(root, 'runner/pages/scripts'), join(folder, 'bin/scripts'), { recursive: true })
}

async function bundle(folder: string, optional: readonly string[]): Promise<void> {
  const options = {
    absWorkingDir: root,
    outdir: join(folder, 'bin'),
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: ['astro', 'astro:*', ...optional],
    // Some dependencies are CommonJS and ask for Node's own modules in its way.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  } satisfies BuildOptions
  const program = { main: 'runner/main.mjs' }
  const { metafile } = await build({ ...options, entryPoints: program, write: false, metafile: true })
  await build({ ...options, entryPoints: program, plugins: [together(metafile.inputs)] })
  await build({ ...options, entryPoints: { 'shim/main': 'runner/engine/process/shim/main.mjs' } })
  await build({ ...options, entryPoints: { index: 'runner/index.ts', reader: 'runner/reader.ts' } })
}

type Inputs = Metafile['inputs']

/** The types of the two entries, as the compiler writes them down. */
function writeTypes(folder: string): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const entries = ['runner/index.ts', 'runner/reader.ts']
  const how = ['--declaration', '--emitDeclarationOnly', '--rootDir', 'runner', '--outDir', folder]
  const like = [
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--allowImportingTsExtensions',
    '--skipLibCheck',
  ]
  execFileSync(
    process.execPath,
    [compiler, ...entries, ...how, ...like, '--ignoreConfig', '--strict', '--types', 'node'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
}

/** The modules that every call loads. */
const first = 'runner/commands/main.ts'
/** The modules that a run loads to start processes. */
const ahead = ['runner/commands/exec/exec-command.ts']
/** The modules that every run needs then. */
const run = 'runner/commands/exec/execute.ts'

/**
 * Puts what a run needs into one file instead of some fifty, and what every call needs into another: each costs half a
 * millisecond at every start. A bundler keeps modules in one file when the same entries reach them, so every later
 * entry is made to reach all of them.
 */
function together(inputs: Inputs): Plugin {
  const every = reached(inputs, first)
  const before = new Set([...every, ...ahead.flatMap((entry) => reached(inputs, entry))])
  const shared = new Set(reached(inputs, run))
  const files = [
    ...every.filter((file) => file !== first),
    ...[...shared].filter((file) => !before.has(file)),
  ].filter((file) => file.startsWith('runner/'))
  const later = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === 'dynamic-import'),
  )
  const entries = new Set(
    later.map(({ path }) => path).filter((path) => path !== first && !ahead.includes(path)),
  )
  return {
    name: 'together',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^together$/ }, () => ({ path: 'together', namespace: 'together' }))
      onLoad({ filter: /.*/, namespace: 'together' }, () => ({
        contents: files.map((file) => `import ${JSON.stringify(join(root, file))}`).join('\n'),
        resolveDir: root,
      }))
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        entries.has(relative(root, path))
          ? { contents: `${readFileSync(path, 'utf8')}\nimport 'together'\n`, loader: 'ts' }
          : undefined,
      )
    },
  }
}

/** The modules a module imports at once, with those they import. */
function reached(inputs: Inputs, entry: string): string[] {
  const files = new Set([entry])
  for (const file of files)
    for (const { path, kind } of inputs[file]?.imports ?? [])
      if (kind === 'import-statement' && inputs[path]) files.add(path)
  return [...files]
}

if (import.meta.main) await makePackage()
