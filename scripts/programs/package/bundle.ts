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
  const { index, reader, flags } = libraries
  const operations = new Set<string>()
  const apart = separateOperations(root, operations)
  return [
    await grouped(root, { ...options, entryPoints: { main: 'runner/main.mjs' }, plugins: [apart] }),
    await build({ ...options, entryPoints: { 'shim/main': 'runner/engine/process/shim/main.mjs' } }),
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

/** Builds with the groups of modules that are needed together in one file each. */
async function grouped(root: string, options: Options): Promise<{ metafile: Metafile }> {
  const { metafile } = await build({ ...options, write: false })
  const plugins = [...(options.plugins ?? []), together(root, metafile.inputs, options.entryPoints)]
  return build({ ...options, plugins })
}

/** The entries that need a module of ours before it is kept in one file with the others of which that is true. */
const manyEntries = 3

/** The modules to keep in one file: what every call needs, what a run needs beyond it, and what many entries need. */
function groupsOf(inputs: Inputs, entries: ReadonlySet<string>): string[][] {
  const every = reached(inputs, first)
  const before = new Set([...every, ...ahead.flatMap((entry) => reached(inputs, entry))])
  const ofRun = reached(inputs, run).filter((file) => !before.has(file))
  const withRun = new Set([...before, ...ofRun])
  const needs = new Map<string, number>()
  for (const entry of entries)
    for (const file of reached(inputs, entry)) needs.set(file, (needs.get(file) ?? 0) + 1)
  const many = [...needs.keys()].filter(
    (file) =>
      (needs.get(file) ?? 0) >= manyEntries &&
      !withRun.has(file) &&
      !entries.has(file) &&
      // Packages and parts of Node cost more than a file.
      reached(inputs, file).every((other) => isOwn(other) && !usesNode(inputs, other)),
  )
  return [every.filter((file) => file !== first), ofRun, many].map((files) => files.filter(isOwn))
}

/** Whether a module imports a part of Node. */
function usesNode(inputs: Inputs, file: string): boolean {
  return inputs[file]?.imports.some(({ external }) => external === true) ?? false
}

/** Packages can be in a folder elsewhere, behind a link. */
function isOwn(file: string): boolean {
  return file.startsWith('runner/') || file.startsWith('scripts/')
}

/**
 * Puts each group of modules into one file instead of some fifty: a file costs half a millisecond at every start, and
 * more when it is installed. A bundler keeps modules in one file when the same entries reach them, so each later entry
 * that reaches a module of a group is made to reach all of them.
 */
function together(root: string, inputs: Inputs, entryPoints: Record<string, string>): Plugin {
  const later = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter(({ kind, external }) => kind === 'dynamic-import' && external !== true),
  )
  const entries = new Set(
    [...Object.values(entryPoints), ...later.map(({ path }) => path)].filter(
      (path) => path !== first && !ahead.includes(path),
    ),
  )
  const groups = groupsOf(inputs, entries)
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
