/**
 * Which of a list of times were written by a wrong clock: those outside of the longest run of times that only goes on,
 * where they differ from it by more than `slackMs`. So one clock that was hours ahead or behind is found, and not the many that
 * were right. Takes O(n log n); milliseconds since the epoch.
 */
export function clockOutliers(times: readonly number[], slackMs: number): ReadonlySet<number> {
  if (!times.some((at, index) => (times[index - 1] ?? -Infinity) - at > slackMs)) return new Set()
  const kept = longestInOrder(times)
  const wrong = new Set<number>()
  const following = nextKept(times, kept)
  let before = -Infinity
  for (const [index, at] of times.entries()) {
    if (kept.has(index)) before = at
    else if (before - at > slackMs || at - (following[index] ?? Infinity) > slackMs) wrong.add(index)
  }
  return wrong
}

/** For each place, the time of the next one that is kept. */
function nextKept(times: readonly number[], kept: ReadonlySet<number>): number[] {
  const following: number[] = []
  let next = Infinity
  for (let index = times.length - 1; index >= 0; index--) {
    following[index] = next
    if (kept.has(index)) next = times[index] ?? next
  }
  return following
}

/** One way to a time: the place before it, and the time it began with. */
interface Way {
  at: number
  index: number
  from: Way | undefined
  began: number
}

/** Places of a longest sequence of times that never goes back; of equally long ones, the one that takes the least time. */
function longestInOrder(times: readonly number[]): ReadonlySet<number> {
  // Ways of each length, by the time they end with, which only falls from one to the next.
  const piles: Way[][] = []
  for (const [index, at] of times.entries()) {
    const pile = firstWhere(piles.length, (length) => (piles[length]?.at(-1)?.at ?? Infinity) > at)
    const earlier = piles[pile - 1] ?? []
    // The latest end that is not after this time.
    const from = earlier[firstWhere(earlier.length, (place) => (earlier[place]?.at ?? Infinity) <= at)]
    const way: Way = { at, index, from, began: from?.began ?? at }
    ;(piles[pile] ??= []).push(way)
  }
  const longest = piles.at(-1) ?? []
  let best = longest[0]
  for (const way of longest) if (best && way.at - way.began < best.at - best.began) best = way
  const kept = new Set<number>()
  for (let way = best; way; way = way.from) kept.add(way.index)
  return kept
}

/** The first of `count` places for which something holds that holds for all after it; `count` when there is none. */
function firstWhere(count: number, holds: (place: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
