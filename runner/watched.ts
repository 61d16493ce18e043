/**
 * Hands out the items of a list, and shows how many of them are done. `what` names them in the plural, such as `documents`. Before each item
 * and after the last one the process has a turn, in which it hears a signal.
 */
export type Watch = <T>(items: readonly T[], what: string) => AsyncIterable<T>

const slot = Symbol.for('runbook.watch')
// The pages are built by modules of another package; what they share with the command is the process.
const shared = globalThis as { [slot]?: Watch }

/** Lets `watched` show what it hands out, in all of this process. */
export function showWatched(watch: Watch): void {
  shared[slot] = watch
}

/** Hands out the items of a list, and shows how many are done when the command of this process shows its progress. */
export function watched<T>(items: readonly T[], what: string): AsyncIterable<T> | Iterable<T> {
  return shared[slot]?.(items, what) ?? items
}
