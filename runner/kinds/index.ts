import { command } from './command/index.ts'
import type { Kind } from './kind.ts'

/** Every step kind there is, in the order of the reference. Adding one: its folder, and a line here. */
const loaders: Readonly<Record<string, () => Promise<Kind>>> = {
  // In nearly every run; the others are loaded where a step is of them.
  command: () => Promise.resolve(command),
  check: async () => (await import('./check/index.ts')).check,
  http: async () => (await import('./http/index.ts')).http,
  gate: async () => (await import('./gate/index.ts')).gate,
  checklist: async () => (await import('./checklist/index.ts')).checklist,
  ask: async () => (await import('./ask/index.ts')).ask,
  approval: async () => (await import('./approval/index.ts')).approval,
  wait: async () => (await import('./wait/index.ts')).wait,
  include: async () => (await import('./include/index.ts')).include,
}

const loaded: Kind[] = []

/** The kinds loaded so far, those of the configuration among them; it grows. */
export const loadedKinds: readonly Kind[] = loaded

/** Loads the kinds of these names, all of them by default: a run loads only those its steps are of. */
export async function loadKinds(names: Iterable<string> = Object.keys(loaders)): Promise<void> {
  const missing = [...new Set(names)].filter((name) => !find(name))
  const kinds = await Promise.all(missing.flatMap((name) => loaders[name]?.() ?? []))
  for (const kind of kinds) if (!find(kind.name)) loaded.push(kind)
}

/** Adds the kinds of a configuration. Throws a TypeError for a name that is taken or is no name. */
export function addKinds(kinds: readonly Kind[]): void {
  for (const kind of kinds) {
    const { name } = kind
    if (!/^[a-z][a-z0-9]*$/.test(name))
      throw new TypeError(`The kind \`${name}\` needs a name of lower-case letters and digits`)
    const known = find(name)
    if (known === kind) continue
    if (known || Object.hasOwn(loaders, name))
      throw new TypeError(`There is a kind \`${name}\` already; give yours another name`)
    loaded.push(kind)
  }
}

/** Whether the configuration brought kinds of its own: what they make of a document is not for keeping. */
export function hasOwnKinds(): boolean {
  return loaded.some(({ name }) => !Object.hasOwn(loaders, name))
}

/** A kind that has been loaded. Throws a TypeError for any other. */
export function kindNamed(name: string): Kind {
  const kind = find(name)
  if (!kind) throw new TypeError(`Unknown step kind \`${name}\``)
  return kind
}

function find(name: string): Kind | undefined {
  return loaded.find((kind) => kind.name === name)
}
