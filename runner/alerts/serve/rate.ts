/** Lets through so many calls a minute, a tenth of them at once. */
export function makeRateLimit(perMinute: number, now: () => number): () => boolean {
  const burst = Math.max(1, Math.ceil(perMinute / 10))
  let left = burst
  let last = now()
  return () => {
    const at = now()
    left = Math.min(burst, left + ((at - last) / 60_000) * perMinute)
    last = at
    if (left < 1) return false
    left -= 1
    return true
  }
}
