import { extname, join } from 'node:path'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { filesBelow } from './built-pages.ts'
import { digestOfBytes } from './digest.ts'
import { compareText } from '../../runner/model/compare-text.ts'

/** As installed, the sources are JavaScript already. */
const extension = extname(import.meta.url)

const options = {
  bundle: true,
  format: 'esm',
  target: 'es2023',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions

/**
 * Writes the scripts that a page loads when they are wanted, and the service worker with the list of files it keeps.
 * Each is one file at a known address, so a page's own script can name it without a module that both would share.
 * `sources` is the folder of the site's sources, `base` the path of the site, `digestOf` gets the path of a file in it.
 */
export async function writeBrowserScripts(
  out: string,
  base: string,
  sources: string,
  digestOf: (file: string) => string,
): Promise<void> {
  const source = (name: string): string => join(sources, 'client', `${name}${extension}`)
  await build({ ...options, entryPoints: ['search', 'hand', 'inputs'].map(source), outdir: out })
  await build({
    ...options,
    entryPoints: { sw: source('service-worker') },
    outdir: out,
    define: { offlineCopy: JSON.stringify(offlineCopy(out, base, digestOf)) },
  })
}

/** The files that the service worker stores: first those of every page, then the search index, then the pages. */
function offlineCopy(
  out: string,
  base: string,
  digestOf: (file: string) => string,
): { version: string; built: string; shell: string[]; rest: string[] } {
  // Evidence is for checking what is published now, not for reading offline. A page in a frame keeps no copy.
  const files = filesBelow(out).filter(
    (file) =>
      !/^(sw\.js|_headers|_redirects)$|\.map$|^embed\/|^runs\/(heads\.jsonl$|[^/]+\/evidence\/)/.test(file),
  )
  const shell = files.filter((file) =>
    /^(404\.html|index\.html|search\/index\.html|(search|hand|inputs)\.js)$|\.css$/.test(file),
  )
  const rest = files.filter((file) => !shell.includes(file)).toSorted(searchFirst)
  const address = (file: string): string => `${base}${file.replace(/(^|\/)index\.html$/, '$1')}`
  return {
    version: digestOfBytes(files.map(digestOf).join()).slice(0, 16),
    built: new Date().toISOString().replace(/T(.{5}).*/, ' $1Z'),
    shell: shell.map(address),
    rest: rest.map(address),
  }
}

/** Without the index an offline reader finds nothing, so it comes before the pages. */
function searchFirst(a: string, b: string): number {
  return Number(b.startsWith('pagefind/')) - Number(a.startsWith('pagefind/')) || compareText(a, b)
}
