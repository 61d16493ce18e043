import { readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build } from 'esbuild'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import { builtIns } from './built-ins.ts'
import { bundleOptions } from './bundle-options.ts'
import {
  cacheModule,
  earlyModule,
  loadedLater,
  loadedWith,
  moduleGroups,
  startModule,
} from './module-groups.ts'
import type { Modules } from './module-groups.ts'

/** The list of the operations, which the commands know by name only. */
const operationList = 'scripts/programs.ts'

/** The modules that programs import, by the name of their file. */
export const libraries = {
  index: 'runner/index.ts',
  reader: 'runner/reader.ts',
  flags: 'runner/flags/index.ts',
}

/**
 * Bundles the commands and the operations into a folder `bin`: plain JavaScript with everything it needs inside, split
 * so that a command loads only its own part. The operations are a bundle of their own, which no command loads: they
 * bring clients of mail, Redis and flags. Returns what esbuild knows of each bundle.
 */
export async function bundle(root: string, outdir: string, optional: readonly string[]): Promise<Metafile[]> {
  const options = {
    ...bundleOptions(root, optional),
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    // Some dependencies are CommonJS and ask for Node's own modules in its way.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  } satisfies BuildOptions
  const { index, reader, flags } = libraries
  const operations = new Set<string>()
  const apart = separateOperations(root, operations)
  return [
    await grouped(root, { ...options, entryPoints: { main: 'runner/main.mjs' }, plugins: [apart] }),
    await build({
      ...options,
      entryPoints: { 'shim/main': 'runner/engine/process/shim/main.mjs' },
      plugins: [builtIns],
    }),
    await build({ ...options, entryPoints: { index, reader }, splitting: false }),
    // It throws to programs, and Node shows them the line, which is all of a file.
    await build({ ...options, entryPoints: { flags } }),
    await grouped(root, {
      ...options,
      entryPoints: {
        ...Object.fromEntries([...operations].map((name) => [`operations/${name}`, `scripts/${name}.ts`])),
        'lab/service/main': 'scripts/lab/service/main.mjs',
      },
    }),
  ].map(({ metafile }) => metafile)
}

/** Leaves the operations out of the bundle of the commands, and collects their names. */
function separateOperations(root: string, operations: Set<string>): Plugin {
  return {
    name: 'separate-operations',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, ({ path, importer }) => {
        if (relative(root, importer) !== operationList) return undefined
        const name = basename(path, '.ts')
        operations.add(name)
        // As seen from the chunks.
        return { path: `../operations/${name}.mjs`, external: true }
      })
    },
  }
}

type Options = BuildOptions & { entryPoints: Record<string, string>; metafile: true }

/** Builds twice: the first build tells which modules are loaded together, the second has each such group in one file. */
async function grouped(root: string, options: Options): Promise<{ metafile: Metafile }> {
  const { metafile } = await build({ ...options, write: false })
  const entryPoints: Record<string, string> = options.entryPoints
  const groups = keepGroups(root, metafile.inputs, Object.values(entryPoints))
  return build({ ...options, plugins: [...(options.plugins ?? []), groups, builtIns] })
}

/**
 * Puts each group of modules into one file instead of some fifty: a file costs half a millisecond at every start, and
 * more when it is installed. A bundler keeps modules in one file when the same entries load them. So each entry that
 * loads one module of a group is made to load all of them, by imports at its end.
 */
function keepGroups(root: string, modules: Modules, entryPoints: readonly string[]): Plugin {
  const entries = new Set([...entryPoints, ...loadedLater(modules)])
  // These load what they need themselves: whole groups would make every start longer.
  for (const first of [startModule, earlyModule, cacheModule]) entries.delete(first)
  const groups = Object.values(moduleGroups(modules, entries))
  return {
    name: 'keep-groups',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const entry = relative(root, path)
        if (!entries.has(entry)) return undefined
        const needed = new Set(loadedWith(modules, entry))
        const imports = groups
          .filter((group) => group.some((file) => needed.has(file)))
          .flatMap((group) => group.map((file) => `import ${JSON.stringify(join(root, file))}\n`))
        return { contents: [readFileSync(path, 'utf8'), ...imports].join('\n'), loader: 'ts' }
      })
    },
  }
}
