import { engineSchema } from './database/migrate.ts'
import { loadClient } from './database/postgres.ts'
import { meaningOf } from './refusals.ts'

/** Begins to drive a run from where it stands, and does not wait for its end: what it did is in the journal. */
export type DriveOrder = (run: string, epoch: number) => void

/** The workflows of this runner. */
export interface Orders {
  /** Opens them; can be repeated. @throws {Away} when the database cannot be reached */
  open(): Promise<void>
  /** Hands a run to this process; one that a crash cuts off is handed over again. @throws {Away} when the database cannot be reached */
  start(run: string, epoch: number): Promise<void>
}

/** The version of the code of workflows: one that was begun is finished by code of the same version. */
const workflowVersion = '1'
/** DBOS looks at its tables four times a second, whether there is work or not: it is closed after this time without any. */
const restMs = 30_000
const silent = (): void => {}

/**
 * DBOS as the executor of a runner: it hands over again what a crash of this process cut off. It is open while there are
 * runs to hand over, and closed while the runner waits for orders or only drives runs. It is made once in a process.
 */
export async function makeOrders(url: string, runner: string, drive: DriveOrder): Promise<Orders> {
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
      await DBOS.runStep(async () => drive(run, epoch), { name: 'drive' })
    },
    { name: 'order' },
  )
  let count = 0
  let isOpen = false
  let rest: NodeJS.Timeout | undefined
  let turn = Promise.resolve()
  /** Opening, starting and closing take turns. */
  const inTurn = (body: () => Promise<void>): Promise<void> => {
    const done = turn.then(body)
    turn = done.catch(silent)
    return done
  }
  async function open(): Promise<void> {
    clearTimeout(rest)
    if (isOpen) return
    try {
      await DBOS.launch()
      isOpen = true
    } catch (error) {
      await DBOS.shutdown().catch(silent)
      throw meaningOf(error)
    }
  }
  async function close(): Promise<void> {
    isOpen = false
    await DBOS.shutdown().catch(silent)
  }
  const restLater = (): void => {
    clearTimeout(rest)
    rest = setTimeout(() => void inTurn(close).catch(silent), restMs)
  }
  return {
    open: () => inTurn(open).finally(restLater),
    start: (run, epoch) =>
      inTurn(async () => {
        await open()
        try {
          // Each start has an id of its own: one that DBOS holds for finished is not started again.
          const workflowID = `${run}.${epoch}.${Date.now().toString(36)}.${count++}`
          await DBOS.startWorkflow(order, { workflowID })(run, epoch)
        } catch (error) {
          throw meaningOf(error)
        } finally {
          restLater()
        }
      }),
  }
}
