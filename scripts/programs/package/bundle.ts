import { readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build } from 'esbuild'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import { bundleOptions } from './bundle-options.ts'

/** The modules that every call loads. */
const first = 'runner/commands/main.ts'
/** The modules that a run loads to start processes. */
const ahead = ['runner/commands/exec/exec-command.ts']
/** The modules that every run needs then. */
const run = 'runner/commands/exec/execute.ts'
/** The list of the operations, which the commands know by name only. */
const operationList = 'scripts/programs.ts'

/** The modules that programs import, by the name of their file. */
export const libraries = {
  index: 'runner/index.ts',
  reader: 'runner/reader.ts',
  flags: 'runner/flags/index.ts',
}

type Inputs = Metafile['inputs']

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
  const entryPoints = { main: 'runner/main.mjs' }
  const operations = new Set<string>()
  const apart = separateOperations(root, operations)
  const { metafile } = await build({ ...options, entryPoints, plugins: [apart], write: false })
  const built = [
    await build({ ...options, entryPoints, plugins: [apart, together(root, metafile.inputs)] }),
    await build({ ...options, entryPoints: { 'shim/main': 'runner/engine/process/shim/main.mjs' } }),
    await build({ ...options, entryPoints: libraries }),
    await build({
      ...options,
      entryPoints: {
        ...Object.fromEntries([...operations].map((name) => [`operations/${name}`, `scripts/${name}.ts`])),
        'lab/service/main': 'scripts/lab/service/main.mjs',
      },
    }),
  ]
  return built.map((one) => one.metafile)
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

/**
 * Puts what every call needs into one file instead of some fifty, and what a run needs beyond it into another: each
 * costs half a millisecond at every start. A bundler keeps modules in one file when the same entries reach them, so
 * each later entry that reaches a module of a file is made to reach all of them.
 */
function together(root: string, inputs: Inputs): Plugin {
  const every = reached(inputs, first)
  const before = new Set([...every, ...ahead.flatMap((entry) => reached(inputs, entry))])
  const groups = [
    every.filter((file) => file !== first),
    reached(inputs, run).filter((file) => !before.has(file)),
  ].map((files) => files.filter((file) => file.startsWith('runner/')))
  const later = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter(({ kind, external }) => kind === 'dynamic-import' && external !== true),
  )
  const entries = new Set(
    later.map(({ path }) => path).filter((path) => path !== first && !ahead.includes(path)),
  )
  return {
    name: 'together',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const entry = relative(root, path)
        if (!entries.has(entry)) return undefined
        const needed = new Set(reached(inputs, entry))
        const imports = groups
          .filter((group) => group.some((file) => needed.has(file)))
          .flatMap((group) => group.map((file) => `import ${JSON.stringify(join(root, file))}\n`))
        return { contents: [readFileSync(path, 'utf8'), ...imports].join('\n'), loader: 'ts' }
      })
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
