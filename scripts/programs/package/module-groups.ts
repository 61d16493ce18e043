import type { Metafile } from 'esbuild'

/** The modules of a bundle by their paths below the repository, each with what it imports. */
export type Modules = Metafile['inputs']

/** The module that every call starts with. */
export const startModule = 'runner/commands/main.ts'
/** The module that a call for a run loads early, to start processes. */
export const earlyModule = 'runner/commands/exec/exec-command.ts'
/** The module that says where compiled code is kept. It comes before all code that is kept so. */
export const cacheModule = 'runner/cache-folder.ts'
/** The module that executes a run. */
const runModule = 'runner/commands/exec/execute.ts'
/** From so many entries on, a module is in the file of shared modules. */
const sharedBy = 3

/**
 * Our modules that are kept in one file each, in three groups that have no module in common:
 *
 * - `start`: what every call loads;
 * - `run`: what the execution of a run loads beyond it;
 * - `shared`: of the rest, what three entries or more load, as long as it needs neither a package nor a part of Node.
 *   Those cost more than a file of their own.
 *
 * @param entries the modules that are loaded by themselves: bodies of commands, and other targets of `import()`
 */
export function moduleGroups(
  modules: Modules,
  entries: ReadonlySet<string>,
): Record<'start' | 'run' | 'shared', string[]> {
  const start = loadedWith(modules, startModule)
  const early = loadedWith(modules, earlyModule)
  const run = difference(loadedWith(modules, runModule), [...start, ...early])
  const loads = new Map<string, number>()
  for (const entry of entries)
    for (const path of loadedWith(modules, entry)) loads.set(path, (loads.get(path) ?? 0) + 1)
  const often = [...loads].filter(([, count]) => count >= sharedBy).map(([path]) => path)
  const shared = difference(often, [...start, ...early, ...run, ...entries]).filter((path) =>
    loadedWith(modules, path).every((other) => isOwn(other) && !importsNode(modules, other)),
  )
  return {
    start: start.filter((path) => isOwn(path) && path !== startModule),
    run: run.filter(isOwn),
    shared,
  }
}

/** A module with all that it imports at once, and what that imports. */
export function loadedWith(modules: Modules, entry: string): string[] {
  const paths = new Set([entry])
  for (const path of paths)
    for (const { path: imported, kind } of modules[path]?.imports ?? [])
      if (kind === 'import-statement' && modules[imported]) paths.add(imported)
  return [...paths]
}

/** The targets of `import()` within a bundle. */
export function loadedLater(modules: Modules): string[] {
  return Object.values(modules).flatMap(({ imports }) =>
    imports
      .filter(({ kind, external }) => kind === 'dynamic-import' && external !== true)
      .map(({ path }) => path),
  )
}

function importsNode(modules: Modules, path: string): boolean {
  return modules[path]?.imports.some(({ external }) => external === true) ?? false
}

/** Whether a module is ours: packages can be in a folder elsewhere, behind a link. */
function isOwn(path: string): boolean {
  return path.startsWith('runner/') || path.startsWith('scripts/')
}

function difference(paths: readonly string[], without: readonly string[]): string[] {
  const left = new Set(without)
  return paths.filter((path) => !left.has(path))
}
