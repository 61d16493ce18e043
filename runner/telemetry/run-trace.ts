import { parseKey } from '../journal/record/event.ts'
import type { Event } from '../journal/record/event.ts'
import { tell } from '../journal/story/story.ts'
import type { Story, StoryStep } from '../journal/story/story.ts'
import type { Moment } from '../journal/story/story-moment.ts'
import type { Plan } from '../model/plan.ts'
import { asText, isRecord } from '../model/values/json.ts'
import { attribute, isError, resultOf, schemaUrl } from './conventions.ts'
import { spanId, traceId } from './span-ids.ts'

type Value = string | number | undefined
type Attributes = Record<string, Value>

/** A span before it is written: times are RFC 3339, `status` is a word of the journal. */
interface Span {
  key: string
  parent: string | undefined
  name: string
  kind: typeof kinds.internal | typeof kinds.server
  from: string
  to: string
  status: string
  message: string
  resultName: string
  attributes: Attributes
  decisions: readonly Moment[]
}

const kinds = { internal: 1, server: 2 } as const

export interface TraceOptions {
  /** Version of this program. */
  version: string
  /** Address of the page of the run. */
  url?: string | undefined
}

/**
 * A run as the body of an OTLP/JSON request: the run is a trace, its steps, attempts and undos are spans, and decisions
 * are events. It has no value of an input, an answer or an output. A run that has not ended ends where its journal does.
 */
export function runTrace(events: readonly Event[], plan: Plan, { version, url }: TraceOptions): object {
  const story = tell(events, plan)
  const { head } = story
  const scope = { name: 'runbook', version }
  const spans = [rootSpan(story, events), ...story.steps.flatMap((step) => spansOf(step, events))].map(
    (span) => spanDocument(head.run, span),
  )
  const { host, commit } = { host: asText(events[0]?.actor.host), commit: asText(head.source['commit']) }
  const resource = attributes({
    [attribute.serviceName]: 'runbook',
    [attribute.serviceVersion]: version,
    [attribute.hostName]: host,
    [attribute.workerName]: host,
    [attribute.pipelineName]: head.slug,
    [attribute.runId]: head.run,
    [attribute.runUrl]: url,
    [attribute.revision]: commit,
  })
  return {
    resourceSpans: [
      { resource: { attributes: resource }, scopeSpans: [{ scope, spans, schemaUrl }], schemaUrl },
    ],
  }
}

function rootSpan({ head, decisions }: Story, events: readonly Event[]): Span {
  return {
    key: '',
    parent: undefined,
    name: `RUN ${head.slug}`,
    kind: kinds.server,
    from: head.startedAt,
    to: head.endedAt ?? lastOf(events),
    status: head.status,
    message: head.message,
    resultName: attribute.runResult,
    attributes: { [attribute.action]: 'RUN', [attribute.runId]: head.run },
    decisions: decisions.filter(({ step }) => step === undefined),
  }
}

/** The span of a step with those of its attempts and of its undo; none for a step that the run did not reach. */
function spansOf(step: StoryStep, events: readonly Event[]): Span[] {
  const own = events.filter(({ key }) => parseKey(key).step === step.id)
  const [first] = own
  const last = own.at(-1)
  if (!first || !last) return []
  const run = first.run
  const whole: Span = {
    key: step.id,
    parent: '',
    name: step.id,
    kind: kinds.internal,
    from: first.ts,
    to: last.ts,
    status: step.status,
    message: step.message,
    resultName: attribute.taskResult,
    attributes: {
      [attribute.taskName]: step.id,
      [attribute.taskRunId]: `${run}/${step.id}`,
      'runbook.step.title': step.title,
      'runbook.step.kind': step.kind,
    },
    decisions: step.decisions,
  }
  return [whole, ...attempts(own, 'step', step.id), ...attempts(own, 'undo', step.id)]
}

/** The attempts of a step, or of its undo, from their start to their end. */
function attempts(own: readonly Event[], what: 'step' | 'undo', step: string): Span[] {
  return own
    .filter(({ type }) => type === `${what}-started`)
    .map((start) => {
      const end = own.find(({ type, key }) => type === `${what}-ended` && key === start.key)
      const { attempt } = parseKey(start.key)
      return {
        key: `${what} ${start.key}`,
        parent: step,
        name: what === 'undo' ? `undo ${start.key}` : start.key,
        kind: kinds.internal,
        from: start.ts,
        to: end?.ts ?? lastOf(own),
        status: end ? asText(end.data['status']) : '',
        message: end ? asText(end.data['message']) : '',
        resultName: attribute.taskResult,
        attributes: { 'runbook.attempt': attempt, [attribute.exitCode]: exitCode(end) },
        decisions: [],
      }
    })
}

function exitCode(end: Event | undefined): number | undefined {
  const data = end?.data['data']
  const process = isRecord(data) ? data['process'] : undefined
  const code = isRecord(process) ? process['code'] : undefined
  return typeof code === 'number' ? code : undefined
}

function lastOf(events: readonly Event[]): string {
  return events.at(-1)?.ts ?? ''
}

/** Kinds of decisions whose words would hold what a person typed. */
const typed = new Set(['field-answered', 'task-ticked'])

function spanDocument(run: string, span: Span): object {
  const { key, parent, name, kind, from, to, status, message, resultName, decisions } = span
  const result = resultOf(status)
  const failed = isError(result)
  return {
    traceId: traceId(run),
    spanId: spanId(run, key),
    ...(parent === undefined ? {} : { parentSpanId: spanId(run, parent) }),
    name,
    kind,
    // Sampled, as in a traceparent.
    flags: 1,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(to),
    attributes: attributes({
      ...span.attributes,
      [resultName]: result,
      [attribute.errorType]: failed ? status : undefined,
    }),
    events: decisions.map((moment) => ({
      timeUnixNano: nanoseconds(moment.at),
      name: `runbook.${moment.type}`,
      attributes: attributes({
        'runbook.event.seq': moment.seq,
        'runbook.decision': moment.what.replaceAll('`', ''),
        'runbook.reason': typed.has(moment.type) ? undefined : moment.detail.replaceAll('`', ''),
        'runbook.identity': moment.identity.replaceAll('`', ''),
        'runbook.via': moment.by.via,
        [attribute.user]: moment.by.id,
      }),
    })),
    status: failed ? { code: 2, message } : result === 'success' ? { code: 1 } : {},
  }
}

/** OTLP/JSON writes numbers of 64 bits as text. */
function nanoseconds(time: string): string {
  return String(BigInt(Date.parse(time) || 0) * 1_000_000n)
}

function attributes(named: Attributes): object[] {
  return Object.entries(named).flatMap(([key, value]) =>
    value === undefined || value === ''
      ? []
      : [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }],
  )
}
