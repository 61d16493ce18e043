import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import { bundleOptions } from '../package/bundle-options.ts'

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

/** The scripts in the single file. */
export interface Scripts {
  /** Absolute path of the one that every start runs. */
  main: string
  /** Absolute paths of those it loads when they are needed: bodies of commands, and the operations. Each is a function. */
  later: string[]
  /** Contents of all, as esbuild counts them. */
  metafiles: Metafile[]
}

/**
 * Bundles what starts the program and its steps and what reads a command line into one script, the bodies of the
 * commands into another and the operations into a third: a start reads those it needs. They are ASCII: with one other character V8 keeps all of a script at twice the size.
 * @param external packages that stay outside
 */
export async function bundleOne(root: string, folder: string, external: readonly string[]): Promise<Scripts> {
  const options = {
    ...bundleOptions(root, external),
    format: 'cjs',
    define: {
      'import.meta.dirname': '"/"',
      'import.meta.filename': '"/runbook.cjs"',
      'import.meta.url': '"file:///runbook.cjs"',
      'import.meta.main': 'false',
    },
  } satisfies BuildOptions
  const [main, commands, operations] = ['runbook', 'commands', 'operations'].map((name) =>
    join(folder, `${name}.cjs`),
  ) as [string, string, string]
  const asFunction = { banner: { js: '(function(module,exports,require){' }, footer: { js: '})' } }
  const bodies = new Set<string>()
  const built = [
    await build({
      ...options,
      entryPoints: ['runner/single-file/main.ts'],
      outfile: main,
      banner: { js: banner },
      plugins: [native, apart(root), bodiesApart(root, bodies)],
    }),
    await build({
      ...options,
      ...asFunction,
      stdin: { contents: commandsScript(root, bodies), resolveDir: root },
      outfile: commands,
      plugins: [native, apart(root)],
    }),
    await build({ ...options, ...asFunction, entryPoints: [operationList], outfile: operations }),
  ]
  for (const file of [main, commands, operations])
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/[^\u0000-\u007f]/g, escaped))
  return { main, later: [commands, operations], metafiles: built.map(({ metafile }) => metafile) }
}

/** The list of the operations, which the commands know by name only. */
const operationList = 'scripts/programs.ts'

/** Has each operation loaded from the script of all of them. */
function apart(root: string): Plugin {
  const loader = `import { loadOperation } from '../runner/single-file/operations.ts'`
  return {
    name: 'apart',
    setup({ onLoad }) {
      onLoad({ filter: /programs\.ts$/ }, ({ path }) => {
        if (relative(root, path) !== operationList) return undefined
        const list = readFileSync(path, 'utf8').replaceAll(
          /name: '([a-z-]+)',([^}]*?)import\('\.\/[a-z-]+\.ts'\)/g,
          (_, name: string, between: string) => `name: '${name}',${between}loadOperation('${name}')`,
        )
        return { contents: `${loader}\n${list}`, loader: 'ts' }
      })
    },
  }
}

/** Has the body of each command loaded from the script of all of them, and collects their paths in the repository. */
function bodiesApart(root: string, bodies: Set<string>): Plugin {
  const loader = `import { loadBody } from ${JSON.stringify(join(root, 'runner/single-file/bodies.ts'))}`
  return {
    name: 'bodies-apart',
    setup({ onLoad }) {
      onLoad({ filter: /\/runner\/commands\/.+\/index\.ts$/ }, ({ path }) => {
        const declaration = readFileSync(path, 'utf8').replaceAll(
          /\bimport\('(\.[^']+)'\)/g,
          (_, body: string) => {
            const own = relative(root, join(dirname(path), body))
            bodies.add(own)
            return `loadBody(${JSON.stringify(own)})`
          },
        )
        return { contents: `${loader}\n${declaration}`, loader: 'ts' }
      })
    },
  }
}

/** The script of the bodies of the commands. */
function commandsScript(root: string, bodies: ReadonlySet<string>): string {
  const list = [...bodies].toSorted().map((path) => {
    const from = JSON.stringify(join(root, path))
    return `${JSON.stringify(path)}: () => import(${from}),`
  })
  return `import ${JSON.stringify(join(root, 'runner/single-file/commands.ts'))}
export const bodies = {
${list.join('\n')}
}
`
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
