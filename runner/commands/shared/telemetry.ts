import type { Config } from '../../config.ts'
import { sendRequest } from '../../engine/process/send-request.ts'
import type { Event } from '../../journal/record/event.ts'
import { readRun } from '../../journal/record/run-store.ts'
import type { HttpRequest } from '../../kinds/kind.ts'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import type { Plan } from '../../model/plan.ts'
import { decodeUri } from '../../model/text/decode-uri.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { lifecycleEvent } from '../../telemetry/lifecycle-event.ts'
import { runTrace } from '../../telemetry/run-trace.ts'

/** Longest time in milliseconds that receivers may take at the end of a call, all of them together. */
const patienceMs = 2000

/** Tells receivers outside about runs. No run waits for one, and none fails for one. */
export interface Telemetry {
  /** Takes note of an event. One of the lifecycle is sent, after those before it and without waiting. */
  note(event: Event, plan: Plan): void
  /** Sends the traces of the runs that have ended, and waits for what is under way, for two seconds at most. */
  finish(): Promise<void>
}

const silent: Telemetry = { note: () => {}, finish: () => Promise.resolve() }

/** The receivers that the configuration names; without any, nothing is done and nothing is loaded. */
export function openTelemetry({ telemetry, site, state }: Config, io: Io): Telemetry {
  const { traces, events } = telemetry
  if (traces === undefined && events === undefined) return silent
  const control = new AbortController()
  const ended = new Set<string>()
  /** Receivers that did not take something: they are not asked again in this call. */
  const dead = new Set<string>()
  const tell = async (url: string, request: () => HttpRequest): Promise<void> => {
    if (dead.has(url)) return
    const sent = await post(request(), control.signal)
    if (sent.ok || dead.has(url)) return
    dead.add(url)
    io.note(`telemetry: ${sent.problem.message}`)
  }
  let under: Promise<void> = Promise.resolve()
  return {
    note(event, plan) {
      if (traces !== undefined && event.type === 'run-ended') ended.add(event.run)
      const cloudEvent = events === undefined ? undefined : lifecycleEvent(event, plan, site)
      if (events === undefined || cloudEvent === undefined) return
      const request = eventRequest(events, cloudEvent, io.env)
      under = under.then(() => tell(events, () => request))
    },
    async finish() {
      const timer = setTimeout(() => control.abort(), patienceMs)
      const traced = [...ended].map((run) =>
        tell(traces ?? '', () => {
          const { events: journal, plan } = readRun(state, run)
          return traceRequest(
            traces ?? '',
            runTrace(journal, plan, { version, url: pageOf(site, run) }),
            io.env,
          )
        }),
      )
      await Promise.all([under, ...traced])
      clearTimeout(timer)
    },
  }
}

/** The address of the page of a run; undefined while the site has none. */
export function pageOf(site: string | undefined, run: string): string | undefined {
  return site === undefined ? undefined : `${site}/runs/${run}/`
}

/**
 * The request for a trace. An address without a path is the base of a receiver, and gets the path of OTLP.
 * OTEL_EXPORTER_OTLP_HEADERS has further headers, as for any exporter.
 */
export function traceRequest(url: string, trace: object, env: Io['env']): HttpRequest {
  const target = new URL(url)
  if (target.pathname === '/') target.pathname = '/v1/traces'
  const headers = env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] || env['OTEL_EXPORTER_OTLP_HEADERS'] || ''
  return jsonRequest(target.href, 'application/json', trace, namedHeaders(headers))
}

function eventRequest(url: string, event: object, env: Io['env']): HttpRequest {
  const token = env['RUNBOOK_EVENTS_TOKEN']
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  return jsonRequest(url, 'application/cloudevents+json; charset=utf-8', event, headers)
}

function jsonRequest(url: string, type: string, body: object, headers: object): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': type, ...headers },
    body: JSON.stringify(body),
    timeoutMs: patienceMs,
  }
}

/** Headers as OpenTelemetry writes them in a variable: `name=value` between commas, percent-encoded. */
function namedHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [, name, value = ''] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? []
    return name === undefined ? [] : [[name, decoded(value.trim())]]
  })
  return Object.fromEntries(pairs) as Record<string, string>
}

function decoded(text: string): string {
  return decodeUri(text) ?? text
}

/** Sends a request; a problem says which receiver did not take it. */
export async function post(request: HttpRequest, signal: AbortSignal): Promise<Outcome<number>> {
  const answer = await sendRequest(request, undefined, signal)
  if (!answer.ok) return failure(answer.problem.message)
  const { status } = answer.value
  return status < 300 ? success(status) : failure(`POST ${request.url} answered ${status}`)
}
