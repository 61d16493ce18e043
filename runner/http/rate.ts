/** Whether something may be done once more: at most `most` times within a minute for each key. */
export function perMinute(most: number, now: () => number = Date.now): (key: string) => boolean {
  const times = new Map<string, number[]>()
  return (key) => {
    const since = now() - 60_000
    const recent = (times.get(key) ?? []).filter((at) => at > since)
    if (recent.length >= most) return false
    times.set(key, [...recent, now()])
    return true
  }
}
