import { openRequests, parseKey } from '../../journal/record/event.ts'
import { readRun } from '../../journal/record/run-store.ts'
import type { GoingRun } from '../../pages/acting/going-runs.ts'
import { runIds } from '../../pages/readable-run.ts'
import { standingOf } from './standing.ts'

/** Runs of a runbook that are looked at, newest first: an older one that is not over is in the list of runs. */
const mostRead = 20

/**
 * The runs of a runbook that are not over, newest first.
 * @param base path of the site with slashes at both ends
 */
export function goingRunsOf(state: string, slug: string, base: string): GoingRun[] {
  // The id of a run has the last part of its slug, so that few others are read.
  const name = slug.split('/').at(-1) ?? slug
  const ids = runIds(state).filter((id) => id.includes(name))
  return ids.slice(0, mostRead).flatMap((id) => goingRun(state, id, slug, base) ?? [])
}

function goingRun(state: string, id: string, slug: string, base: string): GoingRun | undefined {
  try {
    const stored = readRun(state, id)
    if (stored.state.slug !== slug || stored.state.endedAt !== undefined) return undefined
    const { isDriven, watch, asked } = standingOf(state, stored)
    const request = openRequests(stored.events)[0]?.key
    const topic = asked?.topic ?? request
    const running = [...stored.state.steps.values()].find(({ status }) => status === 'running')
    return {
      page: `${base}runs/${id.toLowerCase()}/`,
      startedAt: stored.state.startedAt,
      watch,
      isDriven,
      step: topic === undefined ? running?.id : parseKey(topic).step,
      isAsking: topic !== undefined,
    }
  } catch {
    // One broken run never stops a page; its own says what is wrong.
    return undefined
  }
}
