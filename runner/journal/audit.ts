import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { failed, ok } from './check.ts'
import type { Check } from './check.ts'
import { readIndex } from './heads.ts'
import { clockProblems } from './rules-chain.ts'
import type { HeadEntry } from './rules-head.ts'
import { files, listRuns, runFolder } from './store.ts'

export interface AuditRow {
  /** Place among all runs ever started, from 1. */
  number: number
  run: string
  slug: string
  openedAt: string
  by: string
  /** Whether its folder is there, was removed by `gc`, or is missing. */
  presence: 'here' | 'removed' | 'missing'
}

export interface Audit {
  rows: AuditRow[]
  checks: Check[]
}

/** All runs of a state folder in the order they began, by the index that holds every one of them. */
export function auditIndex(state: string): Audit {
  const { entries, problems } = readIndex(state)
  const broken = [...problems, ...clockProblems('heads.jsonl', entries)]
  const removed = new Set(entries.filter(({ type }) => type === 'removed').map(({ run }) => run))
  const opened = entries.filter(({ type }) => type === 'opened')
  const rows = opened.map((entry, index) => rowOf(entry, index + 1, state, removed))
  const known = new Set(rows.map(({ run }) => run))
  const strangers = listRuns(state).filter((run) => !known.has(run))
  const missing = rows.filter(({ presence }) => presence === 'missing')
  const checks = [
    ...broken.map((problem) => failed('index', problem)),
    ...missing.map(({ number, run }) =>
      failed('index', `Run ${number}, ${run}, is in the index and its folder is missing`),
    ),
    ...strangers.map((run) =>
      failed('index', `${run} is there and not in the index: it was put there, or a crash came between`),
    ),
  ]
  const holds = `The index is whole: runs 1 to ${rows.length}, none missing`
  return { rows, checks: checks.length > 0 ? checks : [ok('index', holds)] }
}

function rowOf(entry: HeadEntry, number: number, state: string, removed: ReadonlySet<string>): AuditRow {
  const { run, slug, ts, by } = entry
  const here = existsSync(join(runFolder(state, run), files.journal))
  const presence = here ? 'here' : removed.has(run) ? 'removed' : 'missing'
  return { number, run, slug, openedAt: ts, by, presence }
}
