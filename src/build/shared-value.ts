interface SharedValue<T> {
  share(value: T): void
  /** Throws where nothing was shared. */
  get(): T
}

/** A value that the build hands to the pages: the bundler gives them modules of their own, and both share the process. */
export function sharedValue<T>(name: string): SharedValue<T> {
  const slot = Symbol.for(`runbook.${name}`)
  const shared = globalThis as { [slot]?: T }
  return {
    share: (value) => {
      shared[slot] = value
    },
    get: () => {
      if (shared[slot] === undefined)
        throw new Error('The integration `runbook-site` is not in astro.config.mjs.')
      return shared[slot]
    },
  }
}
