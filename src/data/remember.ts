const slot = Symbol.for('runbook.generation')
// The bundler gives pages modules of their own; what they share with the server of `site dev` is the process.
const shared = globalThis as { [slot]?: number }

/** Reads once, and again after a file of the workspace has changed, which only happens in `site dev`. */
export function remember<T>(read: () => Promise<T>): () => Promise<T> {
  let kept: { value: Promise<T>; generation: number } | undefined
  return () => {
    const generation = shared[slot] ?? 0
    if (kept?.generation !== generation) kept = { value: read(), generation }
    return kept.value
  }
}

/** Makes everything that was read be read again. */
export function forget(): void {
  shared[slot] = (shared[slot] ?? 0) + 1
}

/** Whether the server of `site dev` shows the pages: it alone makes things be read again. */
export function isDev(): boolean {
  return shared[slot] !== undefined
}
