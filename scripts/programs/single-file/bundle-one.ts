import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import type { Metafile, Plugin } from 'esbuild'

/** In the single file, Node's own `require` has Node's modules alone; other packages are those of the workspace. */
const banner = `{const own=require,m=own('node:module');require=(name)=>m.isBuiltin(name)?own(name):m.createRequire(process.cwd()+'/')(name)}`

/** The native part of the package for terminals is an asset, which Node can only load from a file. */
const loadNative = `
const { getRawAsset } = require('node:sea')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
exports.requireBinary = (name) => {
  const places = [tmpdir(), process.env.XDG_RUNTIME_DIR, process.env.XDG_CACHE_HOME].filter(Boolean)
  let problem
  for (const place of places) {
    let folder
    try {
      folder = mkdtempSync(join(place, 'runbook-'))
      const file = join(folder, name)
      writeFileSync(file, Buffer.from(getRawAsset('native/' + name)), { mode: 0o500 })
      const loaded = { exports: {} }
      process.dlopen(loaded, file)
      return loaded.exports
    } catch (error) {
      problem = error
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    }
  }
  throw problem
}`

/**
 * Bundles the commands and the operations into one script, which the single file runs. The script is ASCII: with one
 * other character V8 keeps all of it at twice the size.
 * @param external packages that stay outside
 */
export async function bundleOne(
  root: string,
  outfile: string,
  external: readonly string[],
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['runner/single-file/main.ts'],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    // Licenses are in a file of their own.
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    external: ['astro', 'astro:*', ...external],
    banner: { js: banner },
    define: {
      'import.meta.dirname': '"/"',
      'import.meta.filename': '"/runbook.cjs"',
      'import.meta.url': '"file:///runbook.cjs"',
      'import.meta.main': 'false',
    },
    plugins: [native],
  })
  writeFileSync(outfile, readFileSync(outfile, 'utf8').replaceAll(/[^\u0000-\u007f]/g, escaped))
  return metafile
}

const native: Plugin = {
  name: 'native',
  setup({ onLoad }) {
    onLoad({ filter: /node-pty\/requireBinary\.js$/ }, () => ({ contents: loadNative, loader: 'js' }))
  },
}

/** As in a string, a template or a regular expression: other places have no such characters. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
