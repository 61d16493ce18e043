/** The process of one color. Started by the lab with a color, a port and an artifact folder; ends when the lab ends. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../lib/errors.ts'
import { closeGently } from '../close-server.ts'
import { followFlags } from './features.ts'
import { OPENMETRICS_TYPE } from '../metrics.ts'
import { type Faults, type FromService, type ToService, noFaults } from '../lab-model.ts'
import { loadSite } from './service-content.ts'
import { serviceMetrics } from './service-metrics.ts'
import { type Reply, accepted, featuresReply, isErrorReport, route, spoiled } from './service-routes.ts'
import { traceOf } from './trace.ts'
import { share } from '../share.ts'

const LATENCY_MS = 1500
const FLAP_MS = 1000
/** The flag that lets an echo pass by the long way, and how long that takes. */
const BYPASS = 'FEATURE_BYPASS_LLM'
const LONG_WAY_MS = 500
const DRAIN_MS = 10_000
/** The stand-in for a language model: without the bypass each echo takes this long, in milliseconds. */
const MODEL_MS = { least: 500, most: 1000 }

// Without the lab this process could not be stopped, so a lost channel ends it, even after a SIGKILL of the lab.
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole foreground group; the lab decides the order in which its parts stop.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)

const [color = '', port = '', artifactDir = '', flagFile = ''] = process.argv.slice(2)
let ready = false
let draining = false
let faults: Faults = noFaults()
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name.startsWith('FEATURE_')),
)
let echoes = 0
const failing = share()
const late = share()

/** The flags of its environment, as it found them when it started. */
function ownFeatures(): Record<string, boolean> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value === 'true']))
}

/** Goes round the whole range, so that no two echoes in a row take the same time. */
function modelMs(): number {
  return MODEL_MS.least + ((echoes++ * 130) % (MODEL_MS.most - MODEL_MS.least))
}

function tell(message: FromService): void {
  if (process.connected) process.send?.(message)
}

function setReady(value: boolean): void {
  if (ready === value) return
  ready = value
  tell({ type: 'ready', ready })
}

process.on('message', (message: ToService) => {
  if (message.type === 'crash') process.kill(process.pid, 'SIGKILL')
  else faults = message.faults
})

async function main(): Promise<void> {
  if (!process.connected) throw new Error('This process is started by the lab, not by hand.')
  const site = await loadSite(artifactDir)
  const flags = await followFlags(flagFile, color)
  const metrics = serviceMetrics(color, site.version, flags.metrics)
  const condition = {
    color,
    toasts: process.env['TOASTS_URL'],
    metricsPage: metrics.page,
    metricsType: OPENMETRICS_TYPE,
    get ready() {
      return ready
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now()
    const url = URL.parse(request.url ?? '/', 'http://localhost') ?? new URL('http://localhost/invalid')
    const method = request.method ?? 'GET'
    let reply = route(method, url, site, condition)
    if (url.pathname === '/features')
      reply = featuresReply({ ...flags.ask(url.searchParams.get('user') ?? ''), ...ownFeatures() })
    if (isErrorReport(method, url)) {
      metrics.report(url.searchParams.get('kind') ?? '')
      reply = accepted
    }
    request.resume()
    if (reply.path !== undefined) {
      if (late(faults.latency)) await sleep(LATENCY_MS)
      if (reply.path === '/echo' && environment['FEATURE_BYPASS_LLM'] === 'false') await sleep(modelMs())
      const features = flags.see(String(request.headers['x-user-id'] ?? ''))
      // Without the flag there is no long way; with it turned off there is.
      if (reply.path === '/echo' && features.on[BYPASS] === false) await sleep(LONG_WAY_MS)
      if (failing(faults.errors) || features.broken) reply = spoiled(reply.path)
      flags.count(features, reply.status)
      // Counted before the answer leaves, so that whoever has the answer also finds it in the metrics.
      metrics.count({
        code: reply.status,
        method,
        path: reply.path ?? 'other',
        seconds: (performance.now() - started) / 1000,
      })
    }
    send(request, response, reply)
  }

  function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
    if (draining) response.setHeader('connection', 'close')
    response.writeHead(reply.status, {
      'content-type': reply.type,
      'content-length': Buffer.byteLength(reply.body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-color': color,
      'x-version': site.version,
      'x-trace-id': traceOf(request.headers),
    })
    response.end(request.method === 'HEAD' ? undefined : reply.body)
  }

  // Longer than the idle time of the switch's connections, so that the switch always closes first.
  const server = createServer(
    { keepAliveTimeout: 65_000, noDelay: true },
    (request, response) => void answer(request, response),
  )
  process.on('SIGTERM', () => void drain())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(Number(port), '127.0.0.1', resolve)
  })
  setReady(true)
  setInterval(() => setReady(!draining && !(faults.flap && ready)), FLAP_MS).unref()

  async function drain(): Promise<void> {
    if (draining) return
    draining = true
    setReady(false)
    await closeGently(server, DRAIN_MS)
    process.exit(0)
  }
}

main().catch((error: unknown) => {
  tell({ type: 'failed', reason: messageOf(error) })
  process.exitCode = 1
  process.disconnect?.()
})
