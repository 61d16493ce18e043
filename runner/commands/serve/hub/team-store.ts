import type { Database } from '../../../team/database/postgres.ts'
import type { JsonObject } from '../../../model/values/json.ts'
import type { HubStore, Kind, Row } from './store.ts'

/** Most that the end of a row can say, in milliseconds. */
const latest = 4_102_444_800_000

interface StoredRow {
  id: string
  value: string
  until: Date
}

/**
 * The store of the hubs of a team, in its database: any number of processes on many machines work as one. Nothing is kept
 * in the process, and the clock of the database says which rows have ended.
 */
export function teamStore(database: Database): HubStore {
  const at = (until: number): Date => new Date(Math.min(until, latest))
  const read = async (text: string, values: unknown[]): Promise<Row[]> => {
    const rows = await database.rows<StoredRow>(text, values)
    return rows.map(({ id, value, until }) => ({
      id,
      value: JSON.parse(value) as JsonObject,
      until: until.getTime(),
    }))
  }
  const rowsOf = (kind: Kind, id: string | null): Promise<Row[]> =>
    read('select * from runbook.hub_rows($1, $2)', [kind, id])
  return {
    add: (kind, { id, value, until }) => database.call('hub_add', kind, id, JSON.stringify(value), at(until)),
    get: async (kind, id) => (await rowsOf(kind, id))[0],
    extend: (kind, id, until) => database.call('hub_extend', kind, id, at(until)),
    take: async (kind, id) => (await read('select * from runbook.hub_take($1, $2)', [kind, id]))[0],
    list: (kind) => rowsOf(kind, null),
    count: (key) => database.call('hub_count', key),
    appendAudit: (make) =>
      database.inTransaction(async (rows) => {
        const [head] = await rows<{ seq: number; prev: string }>('select * from runbook.hub_audit_head()')
        if (!head) throw new TypeError('hub_audit_head returns a row')
        await rows('select runbook.hub_append_audit($1)', [make({ chain: 'team', ...head })])
      }),
    audit: async () =>
      (await database.rows<{ line: string }>('select * from runbook.hub_audit_lines() as line')).map(
        ({ line }) => line,
      ),
  }
}
