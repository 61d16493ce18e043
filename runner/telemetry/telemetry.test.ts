import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import protobuf from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import * as stable from '@opentelemetry/semantic-conventions'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'
import { CloudEvent } from 'cloudevents'
import { describe, expect, test } from 'vitest'
import { readJournal } from '../journal/record/read-journal.ts'
import type { Event } from '../journal/record/event.ts'
import type { Plan } from '../model/plan.ts'
import { attribute, resultOf, schemaUrl } from './conventions.ts'
import { lifecycleEvent } from './lifecycle-event.ts'
import { openMetrics } from './open-metrics.ts'
import { runTrace } from './run-trace.ts'

const recorded = join(import.meta.dirname, '../../test/journals/v1')
const names = readdirSync(recorded)
const journal = (name: string): { events: Event[]; plan: Plan } => ({
  events: readJournal(join(recorded, name, 'run.jsonl')),
  plan: JSON.parse(readFileSync(join(recorded, name, 'plan.json'), 'utf8')) as Plan,
})

/** The official protobuf definitions, as OpenTelemetry generates them. */
interface Message {
  verify(object: object): string | null
  fromObject(object: object): object
  encode(message: object): { finish(): Uint8Array }
  decode(bytes: Uint8Array): object
  toObject(message: object, options: object): unknown
}
const { ExportTraceServiceRequest } = (
  protobuf as unknown as {
    opentelemetry: { proto: { collector: { trace: { v1: { ExportTraceServiceRequest: Message } } } } }
  }
).opentelemetry.proto.collector.trace.v1

interface SpanDocument {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: object }[]
  events: { name: string; attributes: { key: string; value: object }[] }[]
  status: { code?: number }
}
const spansOf = (trace: object): SpanDocument[] =>
  (trace as { resourceSpans: { scopeSpans: { spans: SpanDocument[] }[] }[] }).resourceSpans[0]?.scopeSpans[0]
    ?.spans ?? []

describe.each(names)('the trace of the recorded run %s', (name) => {
  const { events, plan } = journal(name)
  const trace = runTrace(events, plan, { version: '1.2.3', url: 'https://docs.example.com/runs/x/' })

  test('has the fields of the protobuf definition and no others', () => {
    // In JSON, ids are hexadecimal instead of base64; here they are read as base64, which they are as well.
    const message = ExportTraceServiceRequest.fromObject(trace)
    const bytes = ExportTraceServiceRequest.encode(message).finish()
    const again = ExportTraceServiceRequest.toObject(ExportTraceServiceRequest.decode(bytes), {
      longs: String,
      bytes: String,
      enums: Number,
      defaults: false,
    })
    expect(withoutEmpty(again)).toEqual(withoutEmpty(trace))
  })

  test('has one root, a parent for every other span, ids of the right length and times in order', () => {
    const spans = spansOf(trace)
    const ids = new Set(spans.map(({ spanId }) => spanId))
    expect(ids.size).toBe(spans.length)
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined).map((one) => one.name)).toEqual([
      `RUN ${plan.slug}`,
    ])
    for (const span of spans) {
      expect(span.traceId).toMatch(/^[0-9a-f]{32}$/)
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/)
      if (span.parentSpanId !== undefined) expect(ids).toContain(span.parentSpanId)
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
    }
  })

  test('is the same in every export', () => {
    expect(runTrace(events, plan, { version: '1.2.3', url: 'https://docs.example.com/runs/x/' })).toEqual(
      trace,
    )
  })
})

/** Protobuf does not write what is empty. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, withoutEmpty(one)])
  return Object.fromEntries(
    entries.filter(
      ([, one]) => one !== '' && !(Array.isArray(one) && one.length === 0) && !isEmptyObject(one),
    ),
  )
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  )
}

test('decisions are events with who decided, and a rolled-back run is an error', () => {
  const approved = journal('approved')
  const decisions = spansOf(runTrace(approved.events, approved.plan, { version: '1' })).flatMap(
    (span) => span.events,
  )
  const given = decisions.find((event) => event.name === 'runbook.approval-given')
  expect(given?.attributes).toContainEqual({ key: 'user.id', value: { stringValue: 'bob@example.com' } })
  const back = journal('rolled-back')
  const [root] = spansOf(runTrace(back.events, back.plan, { version: '1' }))
  expect(root?.status.code).toBe(2)
  expect(root?.attributes).toContainEqual({ key: 'cicd.pipeline.result', value: { stringValue: 'failure' } })
  expect(root?.attributes).toContainEqual({ key: 'error.type', value: { stringValue: 'rolled-back' } })
})

test('every attribute and every result is of the semantic conventions, in the version that the trace names', () => {
  const conventions = new Set<unknown>(Object.values({ ...stable, ...incubating }))
  for (const name of Object.values(attribute)) expect(conventions, name).toContain(name)
  for (const status of ['succeeded', 'failed', 'unknown', 'timeout', 'cancelled', 'skipped'])
    expect(conventions).toContain(resultOf(status))
  const { version } = createRequire(import.meta.url)(
    '../../node_modules/@opentelemetry/semantic-conventions/package.json',
  ) as {
    version: string
  }
  expect(schemaUrl).toBe(`https://opentelemetry.io/schemas/${version}`)
})

test.each(names)('the lifecycle of %s is valid CloudEvents with ids of their own', (name) => {
  const { events, plan } = journal(name)
  const sent = events.flatMap((event) => lifecycleEvent(event, plan, 'https://docs.example.com') ?? [])
  expect(sent.length).toBeGreaterThan(1)
  for (const event of sent) expect(new CloudEvent(event).validate()).toBe(true)
  expect(new Set(sent.map((event) => (event as { id: string }).id)).size).toBe(sent.length)
  expect(() => new CloudEvent({ ...sent[0], time: 'yesterday' }).validate()).toThrow()
})

test('metrics count runs by runbook and result, with drills apart and labels escaped', () => {
  const run = { startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:01:30.000Z', inputs: {} }
  const text = openMetrics([
    { ...run, slug: 'a', status: 'succeeded' },
    { ...run, slug: 'a', status: 'succeeded', practice: true },
    { ...run, slug: 'odd"\\', status: 'rolled-back' },
    { slug: 'a', status: 'waiting', startedAt: run.startedAt, inputs: {} },
  ])
  expect(text).toContain('runbook_runs_total{runbook="a",result="success",practice="false"} 1\n')
  expect(text).toContain('runbook_runs_total{runbook="a",result="success",practice="true"} 1\n')
  expect(text).toContain('runbook_runs_total{runbook="odd\\"\\\\",result="failure",practice="false"} 1\n')
  expect(text).toContain(
    'runbook_run_duration_seconds_bucket{runbook="a",result="success",practice="false",le="60.0"} 0\n',
  )
  expect(text).toContain(
    'runbook_run_duration_seconds_bucket{runbook="a",result="success",practice="false",le="300.0"} 1\n',
  )
  expect(text).toContain(
    'runbook_run_duration_seconds_sum{runbook="a",result="success",practice="false"} 90\n',
  )
  expect(text).toContain('runbook_last_success_timestamp_seconds{runbook="a"} 1767225690\n')
  expect(text).toContain('runbook_open_runs{runbook="a",state="waiting"} 1\n')
  expect(text.endsWith('# EOF\n')).toBe(true)
})
