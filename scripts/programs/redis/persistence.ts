export interface Finding {
  ok: boolean
  text: string
}

/** The figures of `INFO persistence` and the settings, as Redis answers them. */
export interface Persistence {
  info: Readonly<Record<string, string>>
  /** The setting `save`, such as `900 1 300 10`. */
  save: string
  appendonly: string
}

/** Reads the lines `name:value` of INFO. */
export function infoOf(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => /^\w+:/.test(line))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )
}

/**
 * Judges whether Redis keeps what it is given.
 * @param everyMs longest time between two snapshots while something changes
 * @param now milliseconds since 1970
 */
export function judgePersistence(
  { info, save, appendonly }: Persistence,
  everyMs: number,
  now: number,
): Finding[] {
  const rules = [...save.matchAll(/(\d+) (\d+)/g)].map(
    ([, seconds, changes]) => [Number(seconds), Number(changes)] as const,
  )
  const isPromised = rules.some(([seconds, changes]) => seconds * 1000 <= everyMs && changes <= 1)
  const age = now - Number(info['rdb_last_save_time']) * 1000
  const changes = info['rdb_changes_since_last_save']
  // A snapshot is only due while something has changed since the last one.
  const isStale = age > everyMs && changes !== '0'
  return [
    { ok: isPromised, text: `save is "${save}"; one change must be written within ${everyMs / 1000} s` },
    { ok: appendonly === 'yes', text: `appendonly is ${appendonly}` },
    {
      ok: info['rdb_last_bgsave_status'] === 'ok',
      text: `the last snapshot ended with ${info['rdb_last_bgsave_status']}`,
    },
    {
      ok: info['aof_last_write_status'] === 'ok',
      text: `the last write of the log ended with ${info['aof_last_write_status']}`,
    },
    {
      ok: !isStale,
      text: `the last snapshot is ${Math.round(age / 1000)} s old, with ${changes} changes since`,
    },
  ]
}
