/** Whether this is a time zone such as `Europe/Berlin`. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Does something while the clocks of this process show the time of a zone. Nothing else may read a clock meanwhile. */
export async function inZone<T>(zone: string, act: () => Promise<T>): Promise<T> {
  const before = process.env['TZ']
  if (before === zone) return act()
  process.env['TZ'] = zone
  try {
    return await act()
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
}
