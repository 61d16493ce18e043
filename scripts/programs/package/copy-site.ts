import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { transform } from 'esbuild'
import { makeFolder } from '../../../runner/make-folder.ts'

/** `from './x.ts'`, `import './x.ts'`, `import('./x.ts')` and `@import './x.css'`; what is imported is the second group. */
const imports = /(\b(?:from\s*|import\s*\(?\s*)["'])([^"'\s]+)(["'])/g

/** Gone once types are taken out. */
const typeImports = /^\s*import type [^;]*? from '[^']*'$/gm

/**
 * Copies the site's sources and what they import of the runner, with their types taken out: Node reads no TypeScript
 * below node_modules. Returns the names of the packages they need.
 */
export async function copySite(root: string, folder: string): Promise<string[]> {
  const own = ['src', 'public'].flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, encoding: 'utf8' })
      .filter((file) => extname(file) !== '' && !file.endsWith('.test.ts'))
      .map((file) => join(root, name, file)),
  )
  const files = new Set([join(root, 'astro.config.mjs'), ...own])
  const packages = new Set<string>()
  // Grows while it is walked: what a file imports is copied too.
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    if (/\.(ts|mjs|astro|css)$/.test(file))
      for (const [, , name = ''] of text.replaceAll(typeImports, '').matchAll(imports)) {
        if (name.startsWith('.')) files.add(resolve(dirname(file), name))
        else if (!name.startsWith('node:') && !name.includes(':') && !builtinModules.includes(name))
          packages.add(
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          )
      }
    await copy(file, join(folder, relative(root, file)))
  }
  return [...packages].toSorted()
}

async function copy(from: string, to: string): Promise<void> {
  const text = readFileSync(from, 'utf8')
  makeFolder(dirname(to), 0o777)
  if (!/\.(ts|mjs|astro)$/.test(from)) return writeFileSync(to, readFileSync(from))
  const script = from.endsWith('.ts')
    ? (await transform(text, { loader: 'ts', target: 'esnext' })).code
    : text
  const plain = script.replaceAll(imports, (_, before: string, name: string, after: string) =>
    name.startsWith('.') ? `${before}${name.replace(/\.ts$/, '.js')}${after}` : `${before}${name}${after}`,
  )
  writeFileSync(to.replace(/\.ts$/, '.js'), plain)
}
