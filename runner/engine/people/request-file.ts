import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { canonical } from '../../journal/record/canonical.ts'
import { openRequests } from '../../journal/record/event.ts'
import type { Event } from '../../journal/record/event.ts'
import { readTextWithin } from '../../journal/record/folder.ts'
import { JournalError } from '../../journal/record/journal-error.ts'
import { lineHash } from '../../journal/record/read-journal.ts'
import { files, readRun, runFolder } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { parseJson } from '../../journal/verify/evidence.ts'
import type { LoadedKinds } from '../../kinds/index.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { asText, isRecord } from '../../model/values/json.ts'
import { checkerOf } from '../sign/trust.ts'
import type { Trust } from '../sign/ssh-keygen.ts'
import type { Verify } from '../verify-run.ts'
import { fileAt } from '../plan/source-state.ts'
import { shownOf } from './approval.ts'
import type { MadeDecision } from './approval.ts'
import { shownAnew } from './shown-anew.ts'
import { makeFolder } from '../../make-folder.ts'

/** All that a person needs to decide on another machine: one file of JSON. */
const requestSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('request'),
  /** Such an id is the name of a folder. */
  run: z.string().regex(/^[\w-]{1,120}$/),
  step: z.string(),
  journal: z.string(),
  plan: z.string(),
  document: z.string(),
})

/** A decision that was made on another machine. */
const answerSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('answer'),
  run: z.string(),
  topic: z.string(),
  answer: z.looseObject({
    decision: z.enum(['approved', 'rejected']),
    reason: z.string(),
    payload: z.string(),
    by: z.looseObject({ id: z.string(), host: z.string(), via: z.string() }),
  }),
})

export type RequestFile = z.output<typeof requestSchema>
export type AnswerFile = Omit<z.output<typeof answerSchema>, 'answer'> & {
  answer: MadeDecision
}

/** The request of a step that waits, as a file: the journal until now, the plan, and the document. */
export function requestText({ folder, events, state }: StoredRun, step: string): string {
  const text = (name: string): string => readTextWithin(folder, name) ?? ''
  const request: RequestFile = {
    v: 1,
    type: 'request',
    run: state.run,
    step,
    // The lines that were read; a line may be on its way.
    journal: text(files.journal).split('\n').slice(0, events.length).join('\n') + '\n',
    plan: text(files.plan),
    document: text(files.document),
  }
  return `${canonical(request)}\n`
}

export function readRequest(text: string): Outcome<RequestFile> {
  const read = requestSchema.safeParse(parseJson(text))
  return read.success ? success(read.data) : failure('It is not a file of `runbook request`')
}

export function answerText(run: string, topic: string, answer: MadeDecision): string {
  return `${canonical({ v: 1, type: 'answer', run, topic, answer })}\n`
}

export function readAnswer(text: string): Outcome<AnswerFile> {
  const read = answerSchema.safeParse(parseJson(text))
  return read.success
    ? success(read.data as unknown as AnswerFile)
    : failure('It is not a file of `runbook approve`')
}

/** Puts the files of a request where runs are kept, in a state folder of its own, and reads them there. */
export function unpackRequest(
  { run, journal, plan, document }: RequestFile,
  state: string,
): Outcome<StoredRun> {
  const folder = runFolder(state, run)
  makeFolder(folder)
  const contents = { [files.journal]: journal, [files.plan]: plan, [files.document]: document }
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content)
  try {
    return success(readRun(state, run))
  } catch (error) {
    if (!(error instanceof JournalError)) throw error
    return failure(`The request does not verify: ${error.message.replace(join(folder, '/'), '')}`)
  }
}

/** The approver's own side: none of it comes with the request. */
export interface OwnSide {
  verify: Verify
  kinds: LoadedKinds
  trust: Trust | undefined
  env: Record<string, string | undefined>
  /** Absolute path of the runbook in the clone. */
  document: string
}

/** Checks that need what a request does not carry: the files of output, and the runner's list of keys. */
const notCarried = ['outputs', 'signers', 'index', 'head']

/**
 * Judges a request, unpacked, as far as it goes: its chain, that the plan is the one its document leads to, that the document is
 * the one of the approver's clone at the commit of the run, and that what it shows follows from these.
 */
export async function judgeRequest(stored: StoredRun, step: string, own: OwnSide): Promise<Outcome<Event[]>> {
  const { folder, events, plan, state } = stored
  const { checks } = await own.verify(folder, checkerOf(own.trust, own.env))
  const bad = checks.find(({ name, status }) => status === 'failed' && !notCarried.includes(name))
  if (bad) return failure(`The request does not verify: ${bad.message}`)
  const asked = openRequests(events).filter(({ key }) => key.startsWith(`${step}/`))
  if (asked.length === 0) return failure(`Step \`${step}\` of ${state.run} does not wait for an approval`)
  const source = events[0]?.data['source']
  const commit = isRecord(source) ? asText(source['commit'] ?? '') : ''
  if (!/^[0-9a-f]{40,64}$/.test(commit))
    return failure('The run is not from a commit, so its runbook cannot be compared with your clone')
  const mine = fileAt(commit, own.document, own.env)
  if (!mine) return failure(`Your clone has no runbook \`${plan.slug}\` at commit ${commit.slice(0, 12)}`)
  if (!mine.equals(Buffer.from(readTextWithin(folder, files.document) ?? '')))
    return failure(
      `The runbook of the request is not \`${plan.slug}\` of your clone at commit ${commit.slice(0, 12)}`,
    )
  for (const request of asked) {
    const shown = shownAnew({ plan, events }, request, own.kinds)
    if (!shown.ok) return failure(`The text of the request cannot be made anew: ${shown.problem.message}`)
    if (shown.value !== shownOf(events, request.key))
      return failure('The text that the request shows does not follow from its plan and journal')
  }
  return success(asked)
}

/** Hash of the last line of a stored journal as it was read. */
export function headOf({ folder, events }: Pick<StoredRun, 'folder' | 'events'>): string {
  return lineHash(join(folder, files.journal), events.length)
}
