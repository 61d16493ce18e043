import { engineSchema } from './database/migrate.ts'
import { loadClient } from './database/postgres.ts'
import { meaningOf } from './refusals.ts'

/** Drives a run from where it stands. Never throws: what it did is in the journal, and DBOS keeps no outcome of it. */
export type DriveOrder = (run: string, epoch: number) => Promise<void>

/** The workflows of this runner. */
export interface Orders {
  /** Begins to drive a run; after a crash of this process it is driven on by itself. */
  start(run: string, epoch: number): Promise<void>
  stop(): Promise<void>
}

/** The version of the code of workflows: one that was begun is finished by code of the same version. */
const workflowVersion = '1'
const silent = (): void => {}

/**
 * Starts DBOS as the executor of a runner: it begins again the workflows that a crash of this process left. The journal has
 * the history of a run, and a workflow only that the run is to be driven.
 */
export async function openOrders(url: string, runner: string, drive: DriveOrder): Promise<Orders> {
  const { DBOS } = await import('@dbos-inc/dbos-sdk')
  const pg = await loadClient()
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'runbook orders',
    max: 3,
    connectionTimeoutMillis: 10_000,
    // A runner that is frozen must hold no lock for long. DBOS would send this without waiting for it, which the client warns of.
    idle_in_transaction_session_timeout: 60_000,
  })
  pool.on('error', silent)
  DBOS.setConfig({
    name: 'runbook',
    systemDatabaseUrl: url,
    systemDatabaseSchemaName: engineSchema,
    systemDatabasePool: pool,
    executorID: runner,
    applicationVersion: workflowVersion,
    // The role of a runner makes no tables.
    runMigrations: false,
    listenQueues: [],
    schedulerPollingIntervalMs: 60_000,
    logger: { info: silent, debug: silent, warn: silent, error: silent },
  })
  const order = DBOS.registerWorkflow(
    async (run: string, epoch: number) => {
      await DBOS.runStep(() => drive(run, epoch), { name: 'drive' })
    },
    { name: 'order' },
  )
  try {
    await DBOS.launch()
  } catch (error) {
    throw meaningOf(error)
  }
  let count = 0
  return {
    async start(run, epoch) {
      // Each start has an id of its own: one that DBOS holds for finished is not started again.
      const workflowID = `${run}.${epoch}.${Date.now().toString(36)}.${count++}`
      await DBOS.startWorkflow(order, { workflowID })(run, epoch)
    },
    async stop() {
      await DBOS.shutdown()
      await pool.end()
    },
  }
}
