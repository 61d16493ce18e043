import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'

/** A server that counts its statements, for more connections than the others. */
export async function startCounting(runners: readonly string[]): Promise<Postgres> {
  const database = await startPostgres(runners, [
    'max_connections=800',
    'shared_preload_libraries=pg_stat_statements',
  ])
  await database.query('create extension pg_stat_statements')
  return database
}

/** Statements a second of all but the owner of the database, over some time in milliseconds. */
export async function statementRate(database: Postgres, ms: number): Promise<number> {
  await database.query('select pg_stat_statements_reset()')
  const began = performance.now()
  await sleep(ms)
  const [row] = await database.query<{ calls: number }>(
    `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_roles r on r.oid = s.userid
     where r.rolname <> 'owner'`,
  )
  return ((row?.calls ?? Number.NaN) / (performance.now() - began)) * 1000
}
