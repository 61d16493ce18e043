import { lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compareText } from '../../model/compare-text.ts'
import type { Plan } from '../../model/plan.ts'
import { isPlan } from '../verify/plan-shape.ts'
import type { Event } from './event.ts'
import { maxLineBytes } from './event.ts'
import { fold } from '../fold.ts'
import type { RunState } from '../fold.ts'
import { readTextWithin, sizeWithin, startWithin } from './folder.ts'
import { JournalError } from './journal-error.ts'
import { readJournal } from './read-journal.ts'

/** Names of the files in a run's folder. */
export const files = {
  journal: 'run.jsonl',
  plan: 'plan.json',
  document: 'document.mdx',
  inbox: 'inbox',
  steps: 'steps',
} as const

/** Names of the files that make a run evidence: beside its journal, but for the index, which is of all runs. */
export const evidenceFiles = {
  head: 'head.json',
  headSignature: 'head.json.sig',
  closing: 'close.json',
  closingSignature: 'close.json.sig',
  signers: 'allowed_signers',
  revoked: 'revoked_keys',
  timeStamp: 'head.json.tsr',
  anchors: 'anchors.jsonl',
  index: 'heads.jsonl',
} as const

/** Where runs are kept: `<state>/runs/<run id>/`. */
function runsFolder(state: string): string {
  return join(state, 'runs')
}

export function runFolder(state: string, run: string): string {
  return join(runsFolder(state), run)
}

/** The state folder of a run's folder. */
export function stateOf(folder: string): string {
  return dirname(dirname(folder))
}

/** Whether a path is there. Throws where that cannot be seen: what may not be read is not empty. */
function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** Ids of all runs, newest first: an id begins with its second, and the first event has the rest of it. */
export function listRuns(state: string): string[] {
  return runNames(state)
    .flatMap((run) => {
      const line = firstLine(runFolder(state, run))
      return line === undefined ? [] : [{ run, second: secondOf(run), began: beganAt(line) }]
    })
    .toSorted(
      (a, b) => compareText(b.second, a.second) || compareText(b.began, a.began) || compareText(b.run, a.run),
    )
    .map(({ run }) => run)
}

/** Names of the folders of runs, in no order; a link to a folder is none. */
export function runNames(state: string): string[] {
  const folder = runsFolder(state)
  if (!isThere(folder) || !lstatSync(folder).isDirectory()) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}

function secondOf(run: string): string {
  return run.slice(0, '20261121-081502'.length)
}

function beganAt(line: string): string {
  try {
    return String((JSON.parse(line) as { ts?: unknown }).ts)
  } catch {
    return ''
  }
}

/** Undefined when there is none: a run whose first event never reached the disk has done nothing, and its folder is left from a crash. */
function firstLine(folder: string): string | undefined {
  const start = startWithin(folder, files.journal, maxLineBytes)
  const end = start?.indexOf(0x0a) ?? -1
  return end === -1 ? undefined : start?.toString('utf8', 0, end)
}

/** Whether somebody put their name to a run's head; whose it is, only `verify` says. */
export function hasSignature(folder: string): boolean {
  return sizeWithin(folder, evidenceFiles.headSignature) !== undefined
}

export interface StoredRun {
  folder: string
  plan: Plan
  events: Event[]
  state: RunState
}

/** Whether a run's first event is on the disk: before that it has done nothing. */
export function hasBegun(folder: string): boolean {
  return firstLine(folder) !== undefined
}

/** Reads one run. Throws JournalError when its journal or its plan is broken. */
export function readRun(state: string, run: string): StoredRun {
  const folder = runFolder(state, run)
  const file = join(folder, files.journal)
  const events = readJournal(file)
  if (events.length === 0) throw new JournalError(`${file}: The run was interrupted before it began`)
  return { folder, plan: readPlan(folder), events, state: fold(events) }
}

function readPlan(folder: string): Plan {
  const file = join(folder, files.plan)
  let plan: unknown
  try {
    plan = JSON.parse(readTextWithin(folder, files.plan) ?? '')
  } catch (error) {
    throw new JournalError(`${file}: The plan cannot be read: ${(error as Error).message}`)
  }
  if (isPlan(plan)) return plan
  throw new JournalError(`${file}: The plan has not the form of one: it was changed`)
}
