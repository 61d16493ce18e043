import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

export interface Served {
  origin: string
  /** Stops answering, as a network that is gone does. */
  close(): Promise<void>
}

/** Serves a built site as a host would: folders, gzip, the 404 page, and the headers of its `_headers` file. */
export async function serve(folder: string): Promise<Served> {
  const rules = headerRules(folder)
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname)
    const file = find(folder, path)
    const type = types[extname(file ?? '404.html')] ?? 'application/octet-stream'
    response.writeHead(file === undefined ? 404 : 200, {
      ...headersOf(rules, path),
      'content-type': type,
      ...zipped(type),
    })
    const shown = file ?? join(folder, '404.html')
    if (zipped(type)['content-encoding']) response.end(gzipSync(readFileSync(shown)))
    else createReadStream(shown).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function zipped(type: string): Record<string, string> {
  return /^(text|application\/(json|xml))|svg/.test(type) ? { 'content-encoding': 'gzip' } : {}
}

function find(folder: string, path: string): string | undefined {
  const file = join(folder, normalize(path))
  for (const candidate of [file, join(file, 'index.html')]) {
    if (existsSync(candidate) && statSync(candidate).isFile()) return candidate
  }
  return undefined
}

/** A rule of a `_headers` file: the beginning of the paths that it is for, and its lines. */
interface HeaderRule {
  path: string
  lines: string[]
}

function headerRules(folder: string): HeaderRule[] {
  const file = join(folder, '_headers')
  if (!existsSync(file)) return []
  const blocks = readFileSync(file, 'utf8').matchAll(/^(\/.*)\*\n((?: {2}.*\n)*)/gm)
  return [...blocks].map(([, path = '', lines = '']) => ({ path, lines: lines.trim().split(/\n\s*/) }))
}

/** The headers of a path, as hosts make them: values of all rules are joined, and `! name` takes those before it away. */
function headersOf(rules: readonly HeaderRule[], path: string): Record<string, string> {
  const headers = new Headers()
  for (const line of rules.filter((rule) => path.startsWith(rule.path)).flatMap((rule) => rule.lines)) {
    if (line.startsWith('! ')) headers.delete(line.slice(2))
    else headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim())
  }
  return Object.fromEntries(headers)
}
