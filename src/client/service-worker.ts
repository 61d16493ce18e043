// The service worker: the network first, the copy when there is none. Written to `sw.js` at the root of the site.
declare const self: {
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
  location: Location
  navigator: { connection?: { saveData?: boolean } }
}

interface WorkerEvent {
  request: Request
  waitUntil(promise: Promise<unknown>): void
  respondWith(response: Promise<Response>): void
}

/** Filled in by the build. */
declare const offlineCopy: {
  /** Another for every other content of the site. */
  version: string
  /** When the site was built, such as `2026-11-20 08:14Z`. */
  built: string
  /** Addresses of what everything needs, fetched before the worker takes over. */
  shell: string[]
  /** Pages and search index, fetched afterwards and one by one: the reader's line comes first. */
  rest: string[]
}

const { shell, rest } = offlineCopy
const name = `runbook-${offlineCopy.version}`

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(name)
      .then((cache) => cache.addAll(shell))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOld().then(() => self.clients.claim()))
})

// Not while activating: requests of the page would wait for all of it.
self.addEventListener('message', (event) => {
  event.waitUntil(fetchRest())
})

async function dropOld(): Promise<void> {
  const old = (await caches.keys()).filter((key) => key.startsWith('runbook-') && key !== name)
  await Promise.all(old.map((key) => caches.delete(key)))
}

async function fetchRest(): Promise<void> {
  if (self.navigator.connection?.saveData) return
  const cache = await caches.open(name)
  for (const path of rest) {
    if (await cache.match(path)) continue
    await cache.add(path).catch(() => undefined)
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return
  event.respondWith(answer(request))
})

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(name)
  try {
    const response = await fetch(request)
    if (response.ok && request.mode === 'navigate') await cache.put(bare(request.url), response.clone())
    return response
  } catch {
    // Values in the query belong to the page's script; the page itself is the same for all of them.
    const copy =
      (await cache.match(bare(request.url), { ignoreSearch: true })) ??
      (await cache.match(bare(request.url).replace(/\/?$/, '/')))
    if (!copy) return gone(request, cache)
    // Only a page says how old it is: what a step printed stays the text it was sent as.
    const isPage = copy.headers.get('content-type')?.startsWith('text/html')
    return request.mode === 'navigate' && isPage ? asCopy(copy) : copy
  }
}

function bare(url: string): string {
  return url.replace(/[?#].*$/, '')
}

/** Shows the note that says how old the copy is. */
async function asCopy(copy: Response): Promise<Response> {
  const html = await copy.text()
  const made = /Built (<time.*?<\/time>)/.exec(html)?.[1] ?? `<time>${offlineCopy.built}</time>`
  const note = `<p class="offline" role="status">You are offline. This copy was made on ${made}.</p>`
  // The headers hold the policy of the host. Their facts about the encoded bytes no longer hold.
  const headers = new Headers(copy.headers)
  for (const one of ['content-encoding', 'content-length']) headers.delete(one)
  return new Response(
    html.replace('<body>', (body) => body + note),
    { headers },
  )
}

async function gone(request: Request, cache: Cache): Promise<Response> {
  const missing =
    request.mode === 'navigate'
      ? await cache.match(shell.find((path) => path.endsWith('404.html')) ?? '')
      : undefined
  return missing ? asCopy(missing) : Response.error()
}

export type { WorkerEvent }
