/**
 * Starts to count. The result is the time since then in milliseconds, never less than has passed: one clock stands still
 * while the machine sleeps, and the other may be set back.
 */
export function countFrom(): () => number {
  const [wall, steady] = [Date.now(), performance.now()]
  return () => Math.max(Date.now() - wall, performance.now() - steady)
}
