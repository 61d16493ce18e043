import { failed, ok } from './check-result.ts'
import type { Check } from './check-result.ts'
import { tornNotes } from './rules/run-index.ts'
import type { HeadEntry, Index } from './rules/run-index.ts'
import { hasBegun, runFolder, runNames } from '../record/run-store.ts'

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
  /** Runs that the index does not list. */
  strangers: string[]
}

/** All runs of a state folder in the order they began, by the index that holds every one of them. */
export function auditIndex(state: string, index: Index): Audit {
  const removed = new Set(index.entries.filter(({ type }) => type === 'removed').map(({ run }) => run))
  const there = new Set(runNames(state))
  const opened = index.entries.filter(({ type }) => type === 'opened')
  const rows = opened.map((entry, at) => rowOf(entry, at + 1, there, removed))
  const indexed = new Set(rows.map(({ run }) => run))
  const strangers = [...there]
    .filter((run) => !indexed.has(run) && hasBegun(runFolder(state, run)))
    .toSorted()
  const missing = rows.filter(({ presence }) => presence === 'missing')
  const checks = [
    ...index.problems.map((problem) => failed('index', problem)),
    ...missing.map(({ number, run }) =>
      failed('index', `Run ${number}, ${run}, is in the index and its folder is missing`),
    ),
    ...strangers.map((run) =>
      failed(
        'index',
        `${run} is there and not in the index: it was put there, or a crash came between; then \`runbook resume ${run}\` enters it`,
      ),
    ),
  ]
  const holds =
    rows.length === 0 ? 'There are no runs' : `The index is whole: runs 1 to ${rows.length}, none missing`
  return {
    rows,
    checks: [...tornNotes(index), ...(checks.length > 0 ? checks : [ok('index', holds)])],
    strangers,
  }
}

function rowOf(
  { run, slug, ts, by }: HeadEntry,
  number: number,
  there: ReadonlySet<string>,
  removed: ReadonlySet<string>,
): AuditRow {
  const presence = there.has(run) ? 'here' : removed.has(run) ? 'removed' : 'missing'
  return { number, run, slug, openedAt: ts, by, presence }
}
