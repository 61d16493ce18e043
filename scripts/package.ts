import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where the package is made: what `npm pack` there wraps up. */
export const packageFolder = join(root, 'dist', 'package')

interface Manifest {
  name: string
  version: string
  description: string
  license: string
  keywords: string[]
  engines: Record<string, string>
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
  const { name, version, description, license, keywords, engines, optionalDependencies } = manifest
  const shipped = {
    name,
    version,
    description,
    license,
    keywords,
    type: 'module',
    bin: { runbook: 'bin/main.mjs' },
    engines,
    optionalDependencies,
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(shipped, undefined, 2)}\n`)
  // Beside the chunks: a bundle of evidence is handed on with the recipe as it is.
  await cp(join(root, 'runner/journal/recipe'), join(folder, 'bin/recipe'), { recursive: true })
  for (const file of ['README.md', 'LICENSE']) await cp(join(root, file), join(folder, file))
}

async function bundle(folder: string, optional: readonly string[]): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'runner/main.mjs', 'shim/main': 'runner/engine/shim/main.mjs' },
    outdir: join(folder, 'bin'),
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: ['astro', 'astro:*', ...optional],
    // Some dependencies are CommonJS and ask for Node's own modules in its way.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
}

if (import.meta.main) await makePackage()
