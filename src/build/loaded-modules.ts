import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AstroIntegration } from 'astro'

type Plugin = NonNullable<
  Parameters<AstroIntegration['hooks']['astro:config:setup'] & {}>[0]['config']['vite']['plugins']
>[number]

/**
 * Lets the pages import the modules of a folder from where they are: the build has loaded most of them, and would bundle and load them
 * once more. `folder` is an absolute path.
 */
export function loadedModules(folder: string): Plugin {
  return {
    name: 'loaded-modules',
    apply: 'build',
    enforce: 'pre',
    applyToEnvironment: ({ name }) => name === 'prerender',
    resolveId: {
      filter: { id: /^\.\.?\/.*\.[jt]s$/ },
      handler(id, importer = '') {
        const path = join(dirname(importer), id)
        return path.startsWith(folder + sep)
          ? { id: pathToFileURL(path).href, external: 'absolute' }
          : undefined
      },
    },
  }
}
