import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'

/** How the program is bundled, for npm and into one file. @param external packages that stay outside, beside Astro */
export function bundleOptions(root: string, external: readonly string[]) {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // One parser of expressions: a package that asks for it in the way of CommonJS would bring another copy.
    alias: { acorn: join(root, 'node_modules/acorn/dist/acorn.mjs') },
    minifySyntax: true,
    minifyWhitespace: true,
    // Licenses are in a file of their own.
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    external: ['astro', 'astro:*', ...external],
  } satisfies BuildOptions
}
