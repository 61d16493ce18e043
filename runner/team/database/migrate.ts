import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { connection, loadClient } from './postgres.ts'
import { meaningOf, Refused } from '../refusals.ts'

/** The files of the schema, in the order of their names. */
const folder = join(import.meta.dirname, '..', 'schema')

/** The schema of DBOS, beside ours. */
export const engineSchema = 'runbook_dbos'

/** A name that makes a role, a queue and a column of tables. */
const runnerName = /^[a-z0-9][a-z0-9-]{0,39}$/

/**
 * Makes or extends the schema, the groups of roles, and roles for runners; each can be repeated. Older runners may be
 * connected meanwhile. The role of `url` owns the schema.
 * @param runners names of runners whose roles are made, without a password
 */
export async function migrate(url: string, runners: readonly string[]): Promise<string[]> {
  const wrong = runners.find((name) => !runnerName.test(name))
  if (wrong !== undefined)
    throw new Refused(
      `\`${wrong}\` is not a name of a runner`,
      'Use up to 40 lowercase letters, digits and hyphens.',
    )
  const pg = await loadClient()
  const client = new pg.Client({
    ...connection(url, 'runbook migrate'),
    query_timeout: 60_000,
    statement_timeout: 60_000,
  })
  const done: string[] = []
  try {
    await client.connect()
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(hashtext('runbook migrate'))")
    for (const file of readdirSync(folder).toSorted()) {
      await client.query(readFileSync(join(folder, file), 'utf8'))
      done.push(file)
    }
    for (const name of runners) {
      const role = pg.escapeIdentifier(`runbook_runner_${name}`)
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [
        `runbook_runner_${name}`,
      ])
      if (rowCount === 0) await client.query(`create role ${role} login`)
      await client.query(`grant runbook_runner to ${role}`)
    }
    await client.query('commit')
  } catch (error) {
    throw meaningOf(error)
  } finally {
    await client.end().catch(() => {})
  }
  await migrateEngine(url)
  return [...done, engineSchema]
}

/** The tables of DBOS, which every runner uses. */
async function migrateEngine(url: string): Promise<void> {
  const { DBOS } = await import('@dbos-inc/dbos-sdk')
  const { log } = console
  // It tells each statement to standard output, where the result of the command belongs.
  console.log = () => {}
  try {
    await DBOS.migrate(url, { schemaName: engineSchema, applicationRole: 'runbook_runner' })
  } catch (error) {
    throw meaningOf(error)
  } finally {
    console.log = log
  }
}
