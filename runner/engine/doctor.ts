import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { listRuns, readRun } from '../journal/record/run-store.ts'
import type { Requirement } from './plan/preflight.ts'
import { findByRun } from './process/processes.ts'

/** Looks at the runner's own ground: its state folder, the runs in it, and what they left running. */
export function examine(state: string): Requirement[] {
  return [writable(state), ...listRuns(state).flatMap((run) => examineRun(state, run))]
}

function writable(state: string): Requirement {
  let folder = state
  while (!existsSync(folder)) folder = dirname(folder)
  try {
    accessSync(folder, constants.W_OK)
    return { what: 'state folder', ok: true, found: state, remedy: '' }
  } catch {
    return {
      what: 'state folder',
      ok: false,
      found: `${folder} cannot be written`,
      remedy: 'Give yourself the right to write there, or name another with RUNBOOK_STATE.',
    }
  }
}

function examineRun(state: string, run: string): Requirement[] {
  try {
    const { status, endedAt } = readRun(state, run).state
    const open: Requirement[] =
      endedAt === undefined
        ? [
            {
              what: `run ${run}`,
              ok: false,
              found: `not finished (${status})`,
              remedy: `Resume it with \`runbook resume ${run}\`, or abandon it with \`runbook abandon ${run}\`.`,
            },
          ]
        : []
    const left = findByRun(run).map(({ pid, command }): Requirement => ({
      what: `run ${run}`,
      ok: false,
      found: `process ${pid} is still running: ${command.slice(0, 200)}`,
      remedy: 'See whether it is meant to; end it by its number if not.',
    }))
    return [...open, ...left]
  } catch (error) {
    return [
      {
        what: `run ${run}`,
        ok: false,
        found: (error as Error).message,
        remedy: 'Keep the folder, and find out what changed it.',
      },
    ]
  }
}
