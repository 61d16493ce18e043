const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

type Unit = keyof typeof unitMs

/** Ten years: what is longer was not meant. */
const longestMs = 3650 * unitMs.d

/**
 * Reads a duration such as `300ms`, `90s`, `1h30m` or `90d` into milliseconds. Units are `ms s m h d`, largest
 * first. Returns undefined for anything else (so `5` without a unit is refused), and for more than ten years.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  let previous = Infinity
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    const ms = unitMs[unit as Unit]
    if (ms >= previous) return undefined
    previous = ms
    total += Number(amount) * ms
  }
  return total > longestMs ? undefined : Math.round(total)
}

/**
 * Writes milliseconds the way people do: `850 ms`, `4.2 s`, `12m 30s`, `2h`, `3d 4h`. An attribute that is still a
 * template, as on a page, is unchanged.
 */
export function formatDuration(ms: number | string): string {
  if (typeof ms === 'string') return ms
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))} s`
  const parts: string[] = []
  let rest = Math.round(ms / 1000) * 1000
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / unitMs[unit])
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * unitMs[unit]
  }
  return parts.slice(0, 2).join(' ')
}
