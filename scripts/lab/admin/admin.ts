import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { messageOf } from '../../lib/errors.ts'
import {
  type Body,
  colorOf,
  faultKindOf,
  flagOf,
  onlyFields,
  rateOf,
  readBody,
  weightsOf,
} from './request-body.ts'
import { OPENMETRICS_TYPE } from '../metrics.ts'
import { COLORS } from '../lab-model.ts'
import { deploy, injectFault, setWeights, stop } from './operations.ts'
import { refreshTraffic } from '../servers/proxy-traffic.ts'
import { Refusal } from './refusal.ts'
import { resetLab } from '../reset.ts'
import { stateOf, trafficOf } from '../state.ts'
import type { World } from '../world.ts'

/** Share of requests a fault spoils when no rate is given. */
export const DEFAULT_RATE = 0.1

type Handler = (world: World, body: Body) => Promise<{ status: number; document: object }>

const ROUTES: Record<string, Record<string, Handler>> = {
  '/state': { GET: async (world) => ok(stateOf(world)) },
  '/traffic': {
    GET: async (world) => ok(trafficOf(world)),
    async PUT(world, body) {
      onlyFields(body, ['weights', 'ifVersion'])
      await setWeights(world, weightsOf(body['weights']), versionOf(body['ifVersion']))
      return ok(trafficOf(world))
    },
  },
  '/deploy': {
    async POST(world, body) {
      onlyFields(body, ['color', 'artifactDir', 'force'])
      await deploy(world, colorOf(body['color']), body['artifactDir'], flagOf(body['force'], 'force'))
      return { status: 202, document: stateOf(world) }
    },
  },
  '/stop': {
    async POST(world, body) {
      onlyFields(body, ['color'])
      await stop(world, colorOf(body['color']))
      return ok(stateOf(world))
    },
  },
  '/fault': {
    async POST(world, body) {
      onlyFields(body, ['kind', 'color', 'rate'])
      const kind = faultKindOf(body['kind'])
      const colors = kind === 'none' && body['color'] === undefined ? COLORS : [colorOf(body['color'])]
      await injectFault(world, kind, colors, rateOf(body['rate'], DEFAULT_RATE))
      return ok(stateOf(world))
    },
  },
  '/reset': {
    async POST(world, body) {
      onlyFields(body, ['storefront'])
      await resetLab(world, flagOf(body['storefront'], 'storefront'))
      return ok(stateOf(world))
    },
  },
}

/** The admin API. Loopback only; requests that a web page could have sent are refused. */
export function createAdmin(world: World, metricsPage: () => Promise<string>): Server {
  // Longer than any client keeps a connection, so that none sends a request into one that is just being closed.
  return createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    if (request.method === 'GET' && path === '/metrics') {
      refreshTraffic(world)
        .then(() => metricsPage())
        .then(
          (page) => response.writeHead(200, { 'content-type': OPENMETRICS_TYPE }).end(page),
          (error: unknown) => sendError(world, response, error),
        )
      return
    }
    handle(world, request, path).then(
      ({ status, document }) => send(response, status, document),
      (error: unknown) => sendError(world, response, error),
    )
  })
}

async function handle(
  world: World,
  request: IncomingMessage,
  path: string,
): Promise<{ status: number; document: object }> {
  refuseBrowsers(request)
  await refreshTraffic(world)
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
  if (methods === undefined)
    throw new Refusal(
      404,
      `There is no ${path} here.`,
      `Use one of: ${Object.keys(ROUTES).join(', ')}, /metrics.`,
    )
  const method = request.method ?? 'GET'
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler === undefined)
    throw new Refusal(405, `${path} does not take ${method}.`, `Use ${Object.keys(methods).join(' or ')}.`)
  return await handler(world, await readBody(request))
}

// A page in a browser can reach loopback; it always sends Origin with a write, and a foreign Host after DNS rebinding.
function refuseBrowsers(request: IncomingMessage): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (request.headers.origin === undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(host)) return
  throw new Refusal(
    403,
    'The admin API takes no requests from web pages.',
    'Call it from this machine, as http://127.0.0.1 with the admin port.',
  )
}

function versionOf(value: unknown): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return value
  throw new Refusal(
    400,
    `Unexpected ifVersion ${JSON.stringify(value)}.`,
    'Send the version that GET /traffic gave.',
  )
}

function ok(document: object): { status: number; document: object } {
  return { status: 200, document }
}

function send(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(document)}\n`)
}

function sendError(world: World, response: ServerResponse, error: unknown): void {
  if (error instanceof Refusal)
    return send(response, error.status, { error: error.message, remedy: error.remedy })
  world.log(`admin request failed: ${messageOf(error)}`)
  send(response, 500, { error: messageOf(error), remedy: 'Look at the output of the lab.' })
}
