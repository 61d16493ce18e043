import type { Kind } from './kind.ts'

/** Every step kind there is, in the order of the reference. Adding one: its folder, and a line here. */
const loaders: Record<string, () => Promise<Kind>> = {
  command: async () => (await import('./command/index.ts')).command,
  check: async () => (await import('./check/index.ts')).check,
  http: async () => (await import('./http/index.ts')).http,
  gate: async () => (await import('./gate/index.ts')).gate,
  checklist: async () => (await import('./checklist/index.ts')).checklist,
  ask: async () => (await import('./ask/index.ts')).ask,
  approval: async () => (await import('./approval/index.ts')).approval,
  wait: async () => (await import('./wait/index.ts')).wait,
  include: async () => (await import('./include/index.ts')).include,
}

const loaded = new Map<string, Kind>()

/** Loads the kinds of these names, all of them by default: a run loads only those its steps are of. */
export async function loadKinds(names: Iterable<string> = Object.keys(loaders)): Promise<Kind[]> {
  const wanted = [...new Set(names)]
  await Promise.all(
    wanted.map(async (name) => {
      const load = loaders[name]
      if (load && !loaded.has(name)) loaded.set(name, await load())
    }),
  )
  return wanted.map(kindNamed)
}

/** A kind that has been loaded. Throws a TypeError for any other. */
export function kindNamed(name: string): Kind {
  const kind = loaded.get(name)
  if (!kind) throw new TypeError(`Unknown step kind \`${name}\``)
  return kind
}
