import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { fileBody } from './file-body.ts'
import type { Answer, PageSource } from './page-server.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.xml': 'application/xml',
}

/** A built site, as a host would serve it. */
export function openSite(folder: string): PageSource {
  const headers = siteHeaders(folder)
  const missing = join(folder, '404.html')
  return {
    answer: ({ path }) => {
      // A copy kept for offline reading would outlive this server, on a port that others use too.
      if (path === 'sw.js' || /^_(?!astro\/)/.test(path)) return notFound()
      const file = path === '' || path.endsWith('/') ? join(folder, path, 'index.html') : join(folder, path)
      if (!path.endsWith('/') && isFile(join(file, 'index.html'))) return moved(`${basename(path)}/`)
      return isFile(file) ? Promise.resolve(fileAnswer(file, headers)) : notFound()
    },
  }

  function notFound(): Promise<Answer | undefined> {
    return Promise.resolve(isFile(missing) ? { ...fileAnswer(missing, headers), status: 404 } : undefined)
  }
}

function moved(to: string): Promise<Answer> {
  return Promise.resolve({ status: 301, body: '', type: 'text/plain', headers: { location: to } })
}

function fileAnswer(file: string, headers: Record<string, string>): Answer {
  const type = types[extname(file)] ?? 'application/octet-stream'
  return { body: extname(file) === '.html' ? readFileSync(file) : fileBody(file), type, headers }
}

/** A link is not a file of its folder. */
export function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * The lines below `/*` of the `_headers` file the build writes: the policy among them. The pages for frames get no other: a server that
 * acts is never framed.
 */
export function siteHeaders(folder: string): Record<string, string> {
  const file = join(folder, '_headers')
  if (!existsSync(file)) return {}
  const [, all = ''] = /^\/\*\n((?: {2}.*\n)*)/m.exec(readFileSync(file, 'utf8')) ?? []
  const lines = all.matchAll(/^ {2}([\w-]+): (.*)$/gm)
  return Object.fromEntries([...lines].map(([, name, value]) => [name?.toLowerCase() ?? '', value ?? '']))
}
