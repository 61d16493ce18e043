import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry on loopback that keeps packages in memory, as `npm publish` and `npm view` use one. */
export interface NpmRegistry {
  url: string
  /** What was published, as `name@version`, in that order. */
  published: string[]
  /** The tags of each package. */
  tags: Map<string, Record<string, string>>
  /** Names whose publication is refused with 500. */
  refused: Set<string>
  close(): void
}

interface Sent {
  versions: Record<string, object>
  'dist-tags': Record<string, string>
}

export async function npmRegistry(): Promise<NpmRegistry> {
  const packages = new Map<string, Sent>()
  const tags = new Map<string, Record<string, string>>()
  const published: string[] = []
  const refused = new Set<string>()
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1).split('?')[0] ?? '')
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const listed = packages.get(name)
    if (request.method === 'GET') return listed ? answer(200, listed) : answer(404, { error: 'Not found' })
    // What npm audit asks: no package here is weak.
    if (request.method === 'POST' && name.endsWith('advisories/bulk')) return answer(200, {})
    if (request.method !== 'PUT') return answer(405, { error: 'Not allowed' })
    if (refused.has(name)) return answer(403, { error: 'You may not publish this' })
    void take(name, request).then((ok) => answer(ok ? 201 : 409, { ok }))
  })
  async function take(name: string, request: IncomingMessage): Promise<boolean> {
    const sent = JSON.parse(await bodyOf(request)) as Sent
    const listed = packages.get(name)
    const added = Object.keys(sent.versions)
    if (added.some((version) => listed?.versions[version] !== undefined)) return false
    const distTags = { ...listed?.['dist-tags'], ...sent['dist-tags'] }
    packages.set(name, {
      ...sent,
      versions: { ...listed?.versions, ...sent.versions },
      'dist-tags': distTags,
    })
    tags.set(name, distTags)
    published.push(...added.map((version) => `${name}@${version}`))
    return true
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, published, tags, refused, close: () => server.close().closeAllConnections() }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
