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
  const headers = headersOf(folder)
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname)
    const file = find(folder, path)
    const type = types[extname(file ?? '404.html')] ?? 'application/octet-stream'
    response.writeHead(file === undefined ? 404 : 200, { ...headers, 'content-type': type, ...zipped(type) })
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

/** The lines below `/*` of a `_headers` file. */
function headersOf(folder: string): Record<string, string> {
  const file = join(folder, '_headers')
  if (!existsSync(file)) return {}
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('  '))
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).trim().toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
}
