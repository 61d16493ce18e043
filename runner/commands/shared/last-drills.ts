import type { Config } from '../../config.ts'
import { listRuns, readRun } from '../../journal/record/run-store.ts'
import { once } from '../../model/once.ts'
import { lastDrillOf } from '../../stats/run-evidence.ts'

/**
 * When the last drill of each runbook ended, from the journals of the workspace, which are read at the first call. A
 * journal that cannot be read has none.
 */
export function lastDrills(config: Config): () => Map<string, string> {
  return once(() => readLastDrills(config))
}

function readLastDrills(config: Config): Map<string, string> {
  const states = listRuns(config.state).flatMap((run) => {
    try {
      return [{ state: readRun(config.state, run).state }]
    } catch {
      return []
    }
  })
  const bySlug = Map.groupBy(states, ({ state }) => state.slug)
  return new Map(
    [...bySlug].flatMap(([slug, runs]) => {
      const last = lastDrillOf(runs)
      return last === undefined ? [] : [[slug, last] as const]
    }),
  )
}
