import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { shownText } from '../../runner/engine/people/approval-text.ts'
import { canonical } from '../../runner/journal/record/canonical.ts'
import { firstPrev } from '../../runner/journal/record/event.ts'
import type { Event, EventType } from '../../runner/journal/record/event.ts'
import { documentText, namespaces } from '../../runner/journal/verify/evidence.ts'
import type { ApprovalPayload, Closing, Head } from '../../runner/journal/verify/evidence.ts'
import type { HeadEntry } from '../../runner/journal/verify/rules/run-index.ts'
import { sha256 } from '../../runner/journal/record/write-journal.ts'
import { asText } from '../../runner/model/values/json.ts'
import type { Json, JsonObject } from '../../runner/model/values/json.ts'
import type { Plan, PlannedStep } from '../../runner/model/plan.ts'
import { newKey, sshSign } from './sshsig.ts'
import type { TestKey } from './sshsig.ts'

/** One event as a test writes it; chain and form are added when the run is written. */
export interface Fact {
  ts: number
  type: EventType
  key: string
  by: string
  data: JsonObject
}

export interface Keys {
  [name: string]: TestKey
}

export const people = { alice: 'alice@example.com', bob: 'bob@example.com', carol: 'carol@example.com' }

export function makeKeys(): Keys {
  return { alice: newKey(), bob: newKey(), carol: newKey(), stranger: newKey() }
}

/** alice runs, bob and carol approve and close. `more` options go to a person's line. */
export function allowedSigners(keys: Keys, more: Record<string, string> = {}): string {
  const line = (name: 'alice' | 'bob' | 'carol', spaces: string): string =>
    `${people[name]} namespaces="${spaces}"${more[name] ?? ''} ${keys[name]?.line}\n`
  const approver = namespaces.approval
  return (
    line('alice', `${namespaces.head},${namespaces.attestation}`) +
    line('bob', approver) +
    line('carol', approver)
  )
}

/** All that is written to the disk for one run, still in hand: a test changes what it likes before or after chaining. */
export interface Specimen {
  run: string
  plan: Plan
  document: string
  facts: Fact[]
  files: Record<string, string>
  /** Who signs the head, with which key and for what; absent: unsigned. */
  signing?: { by: string; key: TestKey; namespace: string }
  closing?: { by: string; key: TestKey | undefined }
  signers: string | undefined
  /** Entries of the heads index by other runs before this one. */
  before: HeadEntry[]
}

export const start = Date.parse('2026-11-21T09:00:00.000Z')

export function eventsOf({ facts, run }: Pick<Specimen, 'facts' | 'run'>): {
  events: Event[]
  lines: string[]
} {
  const events: Event[] = []
  const lines: string[] = []
  let prev = firstPrev
  for (const [seq, { ts, type, key, by, data }] of facts.entries()) {
    const actor = { id: by, host: 'laptop', via: 'runner' }
    const event: Event = { v: 1, seq, ts: new Date(ts).toISOString(), run, type, key, actor, data, prev }
    const line = `${canonical(event)}\n`
    events.push(event)
    lines.push(line)
    prev = sha256(line)
  }
  return { events, lines }
}

export interface Deciding {
  by: string
  key: TestKey | undefined
  decision?: 'approved' | 'rejected'
  at: number
  /** Changes to what is signed. */
  change?: Partial<ApprovalPayload>
  namespace?: string
}

/** The decision on the last thing that was asked for, bound to all facts until now. */
export function decide(
  specimen: Pick<Specimen, 'facts' | 'run' | 'plan'>,
  topic: string,
  made: Deciding,
): Fact {
  const { lines, events } = eventsOf(specimen)
  const { by, key, decision = 'approved', at } = made
  const asked = events.find((event) => event.type === 'approval-requested' && event.key === topic)
  const payload: ApprovalPayload = {
    v: 1,
    run: specimen.run,
    step: topic.split('/')[0] ?? '',
    topic,
    decision,
    reason: decision === 'rejected' ? 'No, “wait” ✋' : '',
    by,
    requestedBy: events[0]?.actor.id ?? '',
    planSha256: asText(events[0]?.data['planSha256']),
    inputsSha256: asText(events[0]?.data['inputsSha256']),
    shownSha256: sha256(asText(asked?.data['shown'])),
    head: { size: lines.length, sha256: sha256(lines.at(-1) ?? '') },
    ts: new Date(at).toISOString(),
    nonce: sha256(`${topic} ${by} ${at}`).slice(0, 32),
    ...made.change,
  }
  const text = canonical(payload)
  const sig = key && { sig: sshSign(key, made.namespace ?? namespaces.approval, text) }
  const data = {
    decision,
    reason: payload.reason,
    by: { id: by, host: 'phone', via: 'approve' },
    payload: text,
    ...sig,
  }
  return {
    ts: at + 20,
    type: decision === 'approved' ? 'approval-given' : 'approval-rejected',
    key: topic,
    by,
    data,
  }
}

export function startFact(specimen: Pick<Specimen, 'plan' | 'signers'>, by: string, at: number): Fact {
  const { plan, signers } = specimen
  const data: JsonObject = {
    slug: plan.slug,
    title: plan.title,
    inputs: plan.inputs,
    secrets: [],
    file: plan.file,
    documentSha256: plan.sha256,
    planSha256: sha256(canonical(plan as unknown as Json)),
    inputsSha256: sha256(canonical(plan.inputs)),
    signersSha256: signers === undefined ? '' : sha256(signers),
    concurrency: plan.concurrency,
    steps: plan.steps.map(({ id }) => id),
    cwd: '/srv',
    version: '0.1.0',
    boot: 'b',
    source: {},
  }
  return { ts: at, type: 'run-started', key: '', by, data }
}

export function makePlan(document: string, steps: PlannedStep[], more: Partial<Plan> = {}): Plan {
  return {
    format: 1,
    slug: 'release',
    title: 'Release',
    file: 'content/runbooks/release.mdx',
    sha256: sha256(document),
    inputs: { version: '1.4.0' },
    secrets: [],
    requires: {},
    env: {},
    concurrency: 'release',
    selfApproval: false,
    steps,
    ...more,
  }
}

export function makeStep(id: string, kind: string, more: Partial<PlannedStep> = {}): PlannedStep {
  const effect = kind === 'command' ? 'write' : 'none'
  const base = {
    number: 1,
    id,
    kind,
    title: `Step ${id}`,
    effect,
    attributes: {},
    fences: [],
    tasks: [],
    prose: '',
  }
  return { ...base, outputs: [], file: 'content/runbooks/release.mdx', line: 1, ...more } as PlannedStep
}

export function requestFact(plan: Plan, topic: string, by: string, at: number, min = 1): Fact {
  const question = {
    type: 'approval' as const,
    title: 'Go or no-go',
    prose: 'Read it.',
    approvers: [people.bob, people.carol],
    given: [],
    min,
    separate: true,
    topics: [topic],
  }
  const data = { approvers: [people.bob, people.carol], min, shown: shownText(plan, topic, question, []) }
  return { ts: at, type: 'approval-requested', key: topic, by, data }
}

/** What one step of a kind that runs a program leaves behind. */
export function outputData(specimen: Pick<Specimen, 'files'>, file: string, text: string): JsonObject {
  specimen.files[file] = text
  const named = { stream: 'stdout', file, bytes: Buffer.byteLength(text), sha256: sha256(text) }
  return {
    status: 'passed',
    message: 'exited with code 0',
    outputs: {},
    data: { process: { files: [named], code: 0 } },
  }
}

export interface WriteOptions {
  /** Changes the lines after they are chained. */
  lines?: (lines: string[]) => string[]
  head?: (head: Head) => Head
  index?: (entries: HeadEntry[]) => HeadEntry[]
  /** The journal the head names, when it is not the one that is written. */
  headOf?: string[]
}

/** Writes a specimen as a bundle: flat, with its own index and signers. */
export function writeSpecimen(specimen: Specimen, folder: string, options: WriteOptions = {}): void {
  const { lines: good } = eventsOf(specimen)
  const lines = options.lines?.(good) ?? good
  const named = options.headOf ?? good
  const end = (specimen.facts.at(-1)?.ts ?? start) + 10
  const { run, plan } = specimen
  const by = specimen.signing?.by ?? people.alice
  const last = { size: named.length, sha256: sha256(named.at(-1) ?? '') }
  const opened = {
    run,
    slug: plan.slug,
    by,
    type: 'opened',
    size: 1,
    sha256: sha256(named[0] ?? ''),
    final: false,
  }
  const early = chainEntries([...specimen.before, entry(opened, start)])
  const prefix = { size: early.length, sha256: sha256(`${canonical(early.at(-1) as HeadEntry)}\n`) }
  const made: Head = { v: 1, run, ...last, final: true, by, ts: new Date(end).toISOString(), index: prefix }
  const head = documentText(options.head?.(made) ?? made)
  const entries = [...early, entry({ ...opened, type: 'head', ...last, final: true }, end)]
  const index = chainEntries(options.index?.(entries) ?? entries)
  put(folder, 'run.jsonl', lines.join(''))
  put(folder, 'plan.json', canonical(plan as unknown as Json))
  put(folder, 'document.mdx', specimen.document)
  put(folder, 'head.json', head)
  put(folder, 'heads.jsonl', index.map((one) => `${canonical(one)}\n`).join(''))
  if (specimen.signing)
    put(folder, 'head.json.sig', sshSign(specimen.signing.key, specimen.signing.namespace, head))
  if (specimen.signers !== undefined) put(folder, 'allowed_signers', specimen.signers)
  for (const [name, text] of Object.entries(specimen.files)) put(folder, name, text)
  if (specimen.closing) writeClosing(specimen, folder, last, end + 1000)
}

function writeClosing(
  { run, plan, closing }: Specimen,
  folder: string,
  head: Closing['head'],
  at: number,
): void {
  const planSha256 = sha256(canonical(plan as unknown as Json))
  const value: Closing = {
    v: 1,
    purpose: 'close',
    run,
    head,
    planSha256,
    by: closing?.by ?? '',
    ts: new Date(at).toISOString(),
    nonce: 'n',
  }
  const text = documentText(value)
  put(folder, 'close.json', text)
  if (closing?.key) put(folder, 'close.json.sig', sshSign(closing.key, namespaces.approval, text))
}

export function entry(fields: JsonObject, at: number): HeadEntry {
  return { ...fields, v: 1, seq: 0, ts: new Date(at).toISOString(), prev: '' } as unknown as HeadEntry
}

export function chainEntries(entries: readonly HeadEntry[]): HeadEntry[] {
  const chained: HeadEntry[] = []
  for (const [seq, one] of entries.entries()) {
    const before = chained.at(-1)
    chained.push({ ...one, seq, prev: before ? sha256(`${canonical(before)}\n`) : firstPrev })
  }
  return chained
}

export function put(folder: string, name: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}
