import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { extname, join } from 'node:path'
import { filesBelow } from './built-pages.ts'

/** Node says that stripping types by call may change; it is said once here, not at every build. */
function withoutTypes(source: string): string {
  const warn = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    const script = stripTypeScriptTypes(source)
    return script.replaceAll(/\n[ \t]*(?=\n)/g, '')
  } finally {
    process.emitWarning = warn
  }
}

/** As installed, the sources are JavaScript already. */
const extension = extname(import.meta.url)

/**
 * Writes the scripts that are loaded apart from the pages. They import nothing, or only what stands before them in
 * the same file, so taking the types and imports out is all that a bundler would do.
 */
export function writeScripts(out: string, base: string, sources: string): void {
  const read = (name: string): string =>
    withoutTypes(readFileSync(join(sources, `${name}${extension}`), 'utf8'))
  const parts = {
    search: ['client/add-style', 'client/search'],
    hand: ['client/add-style', 'client/hand'],
    inputs: [
      '../runner/alerts/link',
      'client/plain-word',
      'client/fill-values',
      'client/add-style',
      'client/inputs',
    ],
  }
  for (const [name, files] of Object.entries(parts)) {
    const script = files
      .map(read)
      .join('')
      .replaceAll(/^import [^;]*? from ["'][^"']*["'];?\n/gm, '')
    writeFileSync(join(out, `${name}.js`), script)
  }
  for (const name of ['search.css', 'hand.css', 'inputs.css'])
    writeFileSync(join(out, name), readFileSync(join(sources, 'client', name)))
  // Evidence is for checking what is published now, not for reading offline.
  const files = filesBelow(out).filter(
    (file) => !/^(sw\.js|_headers|_redirects)$|\.map$|^runs\/(heads\.jsonl$|[^/]+\/evidence\/)/.test(file),
  )
  const version = digest(files.map((file) => digest(readFileSync(join(out, file)))).join())
  const first = files.filter((file) =>
    /^(404\.html|index\.html|search\/index\.html|(search|hand|inputs)\.js)$|\.css$/.test(file),
  )
  const address = (file: string): string => `${base}${file.replace(/(^|\/)index\.html$/, '$1')}`
  const list = (some: readonly string[]): string =>
    JSON.stringify(some.map(address))
      .replaceAll('\\', '\\\\')
      .replaceAll("'", String.raw`\'`)
  const worker = read('client/service-worker')
    .replace('__VERSION__', version)
    .replace('__SHELL__', () => list(first))
    .replace('__REST__', () => list(files.filter((file) => !first.includes(file)).toSorted(searchFirst)))
  writeFileSync(join(out, 'sw.js'), worker)
}

/** Without the index an offline reader finds nothing, so it comes before the pages. */
function searchFirst(a: string, b: string): number {
  return Number(b.startsWith('pagefind/')) - Number(a.startsWith('pagefind/')) || (a < b ? -1 : 1)
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16)
}
