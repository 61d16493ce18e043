import type { Fleet, TargetRun, TeamRun } from '../port.ts'

/** A target that another run changed after the order did. */
export interface LaterRun {
  /** The target. */
  name: string
  run: string
}

/**
 * The targets that another run has changed since the order did: one with the same key that began after the target's own run
 * had ended, and was not rolled back. The undo of the order would undo the work of the later run, too.
 * @param others runs with a key of its targets, the newest first
 */
export function laterRuns(
  { targets }: Pick<Fleet, 'targets'>,
  runs: readonly TargetRun[],
  others: readonly TeamRun[],
): LaterRun[] {
  const own = new Map(runs.map((one) => [one.run, one]))
  return targets.flatMap(({ name, run, key }) => {
    const { endedAt, size = 0 } = own.get(run) ?? {}
    if (!endedAt || size === 0 || key === '') return []
    const later = others.find(
      (one) =>
        one.key === key &&
        !own.has(one.run) &&
        one.size > 0 &&
        one.status !== 'rolled-back' &&
        (one.ownedAt ?? one.orderedAt) > endedAt,
    )
    return later ? [{ name, run: later.run }] : []
  })
}
