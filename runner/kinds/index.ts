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

/** Kinds that are loaded. */
export interface LoadedKinds {
  all: readonly Kind[]
  /** Throws a TypeError for one that was not loaded. */
  named(name: string): Kind
}

/** The step kinds of a workspace: ours, and those its configuration brings. */
export interface Kinds {
  /** Whether the configuration brings any: what they make of a document is not for keeping. */
  readonly own: boolean
  /** Loads the kinds of these names, all of them by default: a run loads only those its steps are of. */
  load(names?: Iterable<string>): Promise<LoadedKinds>
}

/** Throws a TypeError for a kind of the configuration whose name is taken or is not a name. */
export function makeKinds(own: readonly Kind[] = []): Kinds {
  const brought = new Map<string, Kind>()
  for (const kind of own) {
    const { name } = kind
    if (!/^[a-z][a-z0-9]*$/.test(name))
      throw new TypeError(`The kind \`${name}\` needs a name of lower-case letters and digits`)
    if (Object.hasOwn(loaders, name) || brought.has(name))
      throw new TypeError(`There is a kind \`${name}\` already; give yours another name`)
    brought.set(name, kind)
  }
  return {
    own: brought.size > 0,
    async load(names = [...Object.keys(loaders), ...brought.keys()]) {
      const kinds = [...new Set(names)].map(async (name) => brought.get(name) ?? (await ours(name)))
      return loadedKinds((await Promise.all(kinds)).filter((kind) => kind !== undefined))
    },
  }
}

async function ours(name: string): Promise<Kind | undefined> {
  return Object.hasOwn(loaders, name) ? await loaders[name]?.() : undefined
}

function loadedKinds(all: readonly Kind[]): LoadedKinds {
  const byName = new Map(all.map((kind) => [kind.name, kind]))
  return {
    all,
    named(name) {
      const kind = byName.get(name)
      if (!kind) throw new TypeError(`Unknown step kind \`${name}\``)
      return kind
    },
  }
}
