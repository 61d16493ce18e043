/** How many observations lay at or below a bound. */
export interface Bucket {
  /** Upper bound; Infinity for the last. */
  bound: number
  count: number
}

/**
 * The value below which the share `q` of the observations lies, by linear interpolation within its bucket, as
 * PromQL does it, but for the last bucket: a value above the largest finite bound is unbounded,
 * so it is Infinity. NaN when there are no observations or no bucket up to infinity.
 */
export function quantileOf(q: number, buckets: readonly Bucket[]): number {
  const sorted = monotonic(buckets)
  const all = sorted.at(-1)
  if (!all || all.bound !== Infinity || !(all.count > 0)) return Number.NaN
  const rank = q * all.count
  const index = sorted.findIndex(({ count }) => count >= rank)
  const bucket = sorted[index]
  if (!bucket) return Number.NaN
  if (bucket.bound === Infinity) return Infinity
  const below = sorted[index - 1] ?? { bound: Math.min(0, bucket.bound), count: 0 }
  if (index === 0 && bucket.bound <= 0) return bucket.bound
  const share = bucket.count === below.count ? 1 : (rank - below.count) / (bucket.count - below.count)
  return below.bound + (bucket.bound - below.bound) * share
}

/** How much of all observations a bucket may fall behind a smaller one, as a share: a scrape reads one after the other. */
const mostFall = 0.01

/**
 * Whether counts rise with their bounds, but for what a scrape explains that caught a histogram between two of its
 * buckets. Where they do not, there are no observations that the buckets could count.
 */
export function isMonotonic(buckets: readonly Bucket[]): boolean {
  const raised = monotonic(buckets)
  const counts = buckets.toSorted((a, b) => a.bound - b.bound).map(({ count }) => count)
  const all = counts.at(-1) ?? 0
  return raised.every(({ count }, index) => !(count - (counts[index] ?? 0) > all * mostFall))
}

/** The counts raised to those of smaller buckets. */
function monotonic(buckets: readonly Bucket[]): Bucket[] {
  let largest = 0
  return buckets
    .toSorted((a, b) => a.bound - b.bound)
    .map(({ bound, count }) => {
      largest = Number.isNaN(count) ? Number.NaN : Math.max(largest, count)
      return { bound, count: largest }
    })
}
