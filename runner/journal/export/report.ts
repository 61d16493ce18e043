import { asText } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import { parseKey } from '../event.ts'
import type { Event } from '../event.ts'
import { isSafeName, namedFiles } from '../evidence.ts'
import { startWithin } from '../folder.ts'
import type { StoredRun } from '../store.ts'
import type { Verification } from '../verify.ts'

export interface StepReport {
  id: string
  kind: string
  title: string
  status: string
  message: string
  attempts: number
  startedAt: string | undefined
  endedAt: string | undefined
  ms: number
  decisions: { by: Actor; type: string; ts: string; note: string }[]
  output: { file: string; sha256: string; bytes: number; text: string | undefined }[]
}

/** A run as a report tells it; every form of export but the bundle is made from this. */
export interface RunReport {
  run: string
  slug: string
  title: string
  status: string
  message: string
  startedAt: string
  endedAt: string | undefined
  by: Actor
  inputs: Record<string, string>
  secrets: string[]
  documentSha256: string
  planSha256: string
  source: JsonObject
  steps: StepReport[]
  verification: Verification
}

/** Longest text of one file of output in a report, in bytes; the bundle has it whole. */
const outputBytes = 65_536

const decisionTypes = new Set([
  'approval-given',
  'approval-rejected',
  'task-ticked',
  'step-confirmed',
  'word-confirmed',
  'outcome-resolved',
])

export function makeReport(
  { folder, plan, events, state }: StoredRun,
  verification: Verification,
): RunReport {
  const first = events[0]?.data ?? {}
  return {
    run: state.run,
    slug: state.slug,
    title: state.title,
    status: state.status,
    message: state.message ?? '',
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    by: state.actor,
    inputs: plan.inputs,
    secrets: plan.secrets,
    documentSha256: state.documentSha256,
    planSha256: state.planSha256,
    source: (first['source'] as JsonObject | undefined) ?? {},
    steps: plan.steps.map((step) => stepReport(step, events, folder, state.steps.get(step.id))),
    verification,
  }
}

function stepReport(
  { id, kind, title }: Plan['steps'][number],
  events: readonly Event[],
  folder: string,
  state:
    | { status: string; message?: string; attempts: number; startedAt?: string; endedAt?: string }
    | undefined,
): StepReport {
  const mine = events.filter(({ key }) => parseKey(key).step === id)
  const from = Date.parse(state?.startedAt ?? '')
  const to = Date.parse(state?.endedAt ?? '')
  return {
    id,
    kind,
    title,
    status: state?.status ?? 'pending',
    message: state?.message ?? '',
    attempts: state?.attempts ?? 0,
    startedAt: state?.startedAt,
    endedAt: state?.endedAt,
    ms: Number.isNaN(to - from) ? 0 : to - from,
    decisions: mine.filter(({ type }) => decisionTypes.has(type)).map(decisionReport),
    output: namedFiles(mine).map((named) => ({ ...named, text: outputText(folder, named.file) })),
  }
}

function decisionReport({ actor, type, ts, data }: Event): StepReport['decisions'][number] {
  const words = [data['answer'], data['reason'], data['note']].map(asText).filter((word) => word !== '')
  return { by: actor, type, ts, note: words.join(': ') }
}

function outputText(folder: string, file: string): string | undefined {
  return isSafeName(file) ? startWithin(folder, file, outputBytes)?.toString('utf8') : undefined
}
