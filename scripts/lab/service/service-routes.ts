import type { Site } from './service-content.ts'

/** An answer before it is sent. */
export interface Reply {
  status: number
  type: string
  body: string | Buffer
  /** The path class it is counted under; absent for probes and scrapes, which are not counted. */
  path?: string
}

/** The state that the answer of a probe depends on. */
export interface Condition {
  ready: boolean
  color: string
  /** Where pages hear short messages. */
  toasts: string | undefined
  metricsPage(): string
  metricsType: string
}

/** Answers a request by its path. Pure apart from what `condition` reads. */
export function route(method: string, url: URL, site: Site, condition: Condition): Reply {
  if (method !== 'GET' && method !== 'HEAD')
    return { ...json(405, { error: `${method} is not supported.` }), path: 'other' }
  switch (url.pathname) {
    case '/healthz':
      return json(200, { status: 'ok', color: condition.color })
    case '/readyz':
      return json(condition.ready ? 200 : 503, { ready: condition.ready, color: condition.color })
    case '/metrics':
      return { status: 200, type: condition.metricsType, body: condition.metricsPage() }
    case '/toasts.json':
      return json(200, { url: condition.toasts ?? null })
    case '/version':
      return {
        ...json(200, { color: condition.color, version: site.version, commit: site.commit }),
        path: '/version',
      }
    case '/echo':
      return echo(url.searchParams.get('message'))
    default:
      return file(url.pathname, site)
  }
}

/** Which features a user has; a probe, so it is not counted. */
export function featuresReply(features: Record<string, boolean>): Reply {
  return json(200, features)
}

/** Whether a page reports an error. Its kind is counted; its text, which may name a person, is not read. */
export function isErrorReport(method: string, url: URL): boolean {
  return method === 'POST' && url.pathname === '/errors'
}

export const accepted: Reply = { status: 202, type: 'application/json', body: '{"counted":true}\n' }

/** The answer of a request that an injected fault spoiled. */
export function spoiled(path: string): Reply {
  return { ...json(500, { error: 'An injected fault spoiled this request.' }), path }
}

function echo(message: string | null): Reply {
  if (message === null) return { ...json(400, { error: 'The parameter message is missing.' }), path: '/echo' }
  return {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: message === 'ping' ? 'pong' : message,
    path: '/echo',
  }
}

function file(path: string, site: Site): Reply {
  const content = site.files.get(path)
  if (content === undefined) return { ...json(404, { error: 'There is nothing here.' }), path: 'other' }
  return { status: 200, type: content.type, body: content.body, path: path === '/' ? '/' : 'asset' }
}

function json(status: number, value: object): Reply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
