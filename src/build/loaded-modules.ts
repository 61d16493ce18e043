import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * A plugin of Vite that lets the pages import the modules of a folder from where they are: the build has loaded most of them, and would
 * bundle and load them once more. `folder` is an absolute path.
 */
export function loadedModules(folder: string) {
  return {
    name: 'loaded-modules',
    apply: 'build',
    enforce: 'pre',
    applyToEnvironment: ({ name }: { name: string }) => name === 'prerender',
    resolveId: {
      filter: { id: /^\.\.?\/.*\.[jt]s$/ },
      handler(id: string, importer = '') {
        const path = join(dirname(importer), id)
        return path.startsWith(folder + sep)
          ? { id: pathToFileURL(path).href, external: 'absolute' as const }
          : undefined
      },
    },
  } as const
}
