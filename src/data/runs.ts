import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../../runner/journal/event.ts'
import type { RunState, RunStatus } from '../../runner/journal/fold.ts'
import { files, listRuns, readRun, runFolder } from '../../runner/journal/store.ts'
import { verifyFolder } from '../../runner/journal/verify.ts'
import type { Verification } from '../../runner/journal/verify.ts'
import type { Plan } from '../../runner/model/plan.ts'
import { siteConfig } from './library.ts'

export interface ReadableRun {
  run: string
  plan: Plan
  events: Event[]
  state: RunState
  /** Whether the files prove what they say; undefined when that could not be looked at. */
  verification: Verification | undefined
  /** The document as it was when the run started, when it is still there. */
  document: string | undefined
}

/** A run as found: one whose files cannot be trusted says why, and never stops the build. */
export type FoundRun = ReadableRun | { run: string; problem: string }

export function isReadable(found: FoundRun): found is ReadableRun {
  return 'state' in found
}

let found: Promise<FoundRun[]> | undefined

/** Every run of the state folder, newest first; none when there is no such folder. */
export function allRuns(): Promise<FoundRun[]> {
  return (found ??= readAll())
}

export async function runsOf(slug: string): Promise<ReadableRun[]> {
  return (await allRuns()).filter(isReadable).filter(({ state }) => state.slug === slug)
}

async function readAll(): Promise<FoundRun[]> {
  const { state } = await siteConfig()
  return namesOf(state).map((run) => readOne(state, run))
}

function namesOf(state: string): string[] {
  try {
    return listRuns(state)
  } catch {
    return []
  }
}

function readOne(state: string, run: string): FoundRun {
  try {
    const { plan, events, state: folded } = readRun(state, run)
    const folder = runFolder(state, run)
    return {
      run,
      plan,
      events,
      state: folded,
      verification: verificationOf(folder),
      document: documentOf(folder),
    }
  } catch (error) {
    return {
      run,
      problem: error instanceof Error ? error.message.replaceAll(`${state}/`, '') : String(error),
    }
  }
}

function verificationOf(folder: string): Verification | undefined {
  try {
    return verifyFolder(folder, undefined)
  } catch {
    return undefined
  }
}

function documentOf(folder: string): string | undefined {
  try {
    const name = readdirSync(folder).find((file) => file === files.document || file === 'document.md')
    return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8')
  } catch {
    return undefined
  }
}

/** What a run's status means to a reader, and whether it is good, bad or still open. */
export const runWords: Record<RunStatus, [string, 'good' | 'bad' | 'open']> = {
  running: ['running', 'open'],
  waiting: ['waiting for a person', 'open'],
  interrupted: ['interrupted', 'open'],
  succeeded: ['succeeded', 'good'],
  failed: ['failed', 'bad'],
  stopped: ['stopped by a decision', 'bad'],
  cancelled: ['cancelled', 'bad'],
  'rolled-back': ['rolled back', 'bad'],
  'rollback-failed': ['rollback failed', 'bad'],
  abandoned: ['abandoned', 'bad'],
}

export function durationOf(state: { startedAt?: string; endedAt?: string }): number | undefined {
  if (state.startedAt === undefined || state.endedAt === undefined) return undefined
  return Date.parse(state.endedAt) - Date.parse(state.startedAt)
}
