import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientConfig, Pool, PoolClient } from 'pg'
import { machineOf } from '../../engine/process/machine.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { continuations } from '../continuation.ts'
import { keepMark, readMark } from '../mark.ts'
import type {
  Called,
  Owned,
  TeamAnswer,
  TeamFigures,
  TeamHolder,
  TeamPort,
  TeamRun,
  TeamRunner,
} from '../port.ts'
import { Lost, meaningOf, Refused, Restored } from '../refusals.ts'
import { fleetRows } from './fleet-rows.ts'

/** Bytes of a file in one row. */
const pieceBytes = 256 * 1024
/** A connection without an answer ends after this time, in milliseconds: a partition sends no reset. */
const patienceMs = 10_000

/** The settings of every connection of this program. */
export function connection(url: string, name = 'runbook'): ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: 5000,
    query_timeout: patienceMs,
    statement_timeout: patienceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: patienceMs,
  }
}

/** Loads the client of PostgreSQL: only team mode needs it. Throws Refused with the command that installs it. */
export async function loadClient(): Promise<(typeof import('pg'))['default']> {
  try {
    return (await import('pg')).default
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Refused('the package pg is not installed', 'Run `npm install pg @dbos-inc/dbos-sdk`.')
  }
}

/**
 * Opens the team's database; connects with the first call.
 * @param state the state folder of this machine, whose id tells its disk from another
 */
export async function openTeam(url: string, state: string): Promise<TeamPort> {
  const pg = await loadClient()
  const database = await openDatabase(url)
  return portOver(database, () => new pg.Client(connection(url, 'runbook notices')), state)
}

type Rows = <T extends object>(text: string, values?: unknown[]) => Promise<T[]>

/** A pool of connections. Its errors say what they mean: see `meaningOf`. */
export interface Database {
  rows: Rows
  /** Calls one of the functions of the schema. */
  call<T>(name: string, ...values: unknown[]): Promise<T>
  /** One transaction, which an exception rolls back. */
  inTransaction<T>(body: (rows: Rows) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens a pool; connects with the first call. */
export async function openDatabase(url: string): Promise<Database> {
  const pg = await loadClient()
  const pool = new pg.Pool({ ...connection(url), max: 6, idleTimeoutMillis: 60_000 })
  // A connection that breaks while nobody uses it; the next call opens another.
  pool.on('error', () => {})
  return databaseOver(pool)
}

function databaseOver(pool: Pool): Database {
  const rows = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> => {
    try {
      return (await pool.query<T>(text, values)).rows
    } catch (error) {
      throw meaningOf(error)
    }
  }
  /** Calls one of the functions of the schema. */
  const call = async <T>(name: string, ...values: unknown[]): Promise<T> => {
    const places = values.map((_, at) => `$${at + 1}`).join(', ')
    const [row] = await rows<{ value: T }>(`select runbook.${name}(${places}) as value`, values)
    return row?.value as T
  }
  return {
    rows,
    call,
    async inTransaction(body) {
      let client: PoolClient | undefined
      try {
        client = await pool.connect()
        const own = client
        await own.query('begin')
        const result = await body(async <T extends object>(text: string, values: unknown[] = []) => {
          return (await own.query<T>(text, values)).rows
        })
        await own.query('commit')
        own.release()
        return result
      } catch (error) {
        // A connection in an unknown state is not used again, and its transaction ends with it.
        client?.release(true)
        throw meaningOf(error)
      }
    },
    close: () => pool.end(),
  }
}

function portOver({ rows, call, close }: Database, connect: () => Client, state: string): TeamPort {
  const incarnation = randomUUID()
  const keep = (mark: string | null | undefined): void => {
    if (mark === null || mark === undefined) throw new Restored()
    keepMark(state, Number(mark))
  }
  const seen = async (): Promise<void> => keep(await call('see_runner', incarnation, readMark(state)))
  /** A call as an owner. A database that was restored names other owners and processes: its refusal loses no run. */
  const asOwner = async <T>(body: () => Promise<T>): Promise<T> => {
    try {
      return await body()
    } catch (error) {
      if (!(error instanceof Lost)) throw error
      await seen().catch((again: unknown) => {
        if (!(again instanceof Lost)) throw again
      })
      // This process may have begun anew in between.
      return body()
    }
  }
  const own = <T>(name: string, ...values: unknown[]): Promise<T> =>
    asOwner(() => call<T>(name, incarnation, ...values))
  const claimed = (text: string, values: unknown[]): Promise<Owned | undefined> =>
    asOwner(async () => (await rows<Owned>(text, values))[0])
  return {
    enqueue: ({ order, statement, signature }) =>
      call(
        'enqueue',
        order.run,
        order.slug,
        order.key,
        order.wants,
        order.notBefore || null,
        order.expires,
        statement,
        signature,
      ),
    withdraw: (run) => call('withdraw', run),
    answer: (id, run, topic, answer) => call('answer', id, run, topic, JSON.stringify(answer)),
    takeOver: ({ run, epoch, runner, force }, { statement, signature }) =>
      call('take_over', run, epoch, runner, force, statement, signature),
    runs: ({
      run,
      parent,
      state: wanted,
      alone = false,
      begun = false,
      keys,
      limit = 1000,
      removed = false,
    } = {}) =>
      rows<TeamRun>(
        `select ${runColumns} from runbook.run where ($1::text is null or run = $1) and ($2::text is null or state = $2)
           and ($4::text is null or parent = $4) and (not $5 or fleet is null) and (not $6 or size > 0)
           and ($7 or removed_at is null) and ($8::text[] is null or key = any ($8))
         order by ordered_at desc, run desc limit $3`,
        [run ?? null, wanted ?? null, limit, parent ?? null, alone, begun, removed, keys ?? null],
      ),
    ...fleetRows({ rows, call, own }),
    runners: () =>
      rows<TeamRunner>(
        `select name, host, commit, version, runs, seen_at as "seenAt",
           seen_at > clock_timestamp() - interval '60 seconds' as alive,
           (select count(*)::int from runbook.run where run.runner = name and run.state = 'owned') as owns
         from runbook.runner order by name`,
      ),
    async figures() {
      const [runs, [rest]] = await Promise.all([
        rows<TeamFigures['runs'][number]>(
          'select state, status, count(*)::int from runbook.run where removed_at is null group by state, status order by state, status',
        ),
        rows<Omit<TeamFigures, 'runs'>>(
          `select coalesce(extract(epoch from clock_timestamp() - min(greatest(ordered_at, not_before))
               filter (where state = 'queued' and greatest(ordered_at, not_before) <= clock_timestamp())), 0)::float as "queueSeconds",
             count(*) filter (where state = 'owned' and waiting <> '')::int as waiting,
             count(*) filter (where state = 'owned' and coalesce(seen_at, '-infinity') < clock_timestamp() - interval '60 seconds')::int as orphans,
             (select count(*)::int from runbook.answer where taken_at is null) as answers
           from runbook.run left join runbook.runner on runner.name = run.runner`,
        ),
      ])
      if (!rest) throw new TypeError('an aggregate returns a row')
      return { runs, ...rest }
    },
    async events(run, from = 0) {
      const lines = await rows<{ line: string }>(
        'select line from runbook.event where run = $1 and seq >= $2 order by seq',
        [run, from],
      )
      return lines.map(({ line }) => line)
    },
    async files(run) {
      const listed = await rows<{ file: string; sha256: string; bytes: string }>(
        'select distinct on (file) file, sha256, bytes from runbook.file where run = $1 order by file, no desc',
        [run],
      )
      return listed.map(({ file, sha256: digest, bytes }) => ({ file, sha256: digest, bytes: Number(bytes) }))
    },
    async file(digest) {
      const pieces = await rows<{ bytes: Buffer }>(
        'select bytes from runbook.blob where sha256 = $1 order by no',
        [digest],
      )
      return Buffer.concat(pieces.map(({ bytes }) => bytes))
    },
    answers: (run, open = false) =>
      rows<TeamAnswer>(
        `select id, run, topic, answer, at, taken_at as "takenAt", refused from runbook.answer
         where run = $1 and ($2 = false or taken_at is null) order by at`,
        [run, open],
      ),
    takeovers: (run) =>
      rows('select epoch, statement, signature from runbook.takeover where run = $1 order by epoch', [run]),
    acceptRestore: (reason) => call('accept_restore', reason),
    async holder(key) {
      const [row] = await rows<TeamHolder & { owned_at: Date }>('select * from runbook.holder($1)', [key])
      return row && { run: row.run, runner: row.runner, alive: row.alive, ownedAt: row.owned_at }
    },
    removeRun: (run, size, head) => call('remove_run', run, size, head),
    async seeSchedule(name, digest) {
      const [row] = await rows<{ since: Date; now: Date }>('select * from runbook.see_schedule($1, $2)', [
        name,
        digest,
      ])
      if (!row) throw new TypeError('see_schedule returns a row')
      return row
    },
    listen: (onNotice, stop, runs = true) =>
      void listen(connect, runs ? ['runbook', 'runbook_runs'] : ['runbook'], onNotice, stop),
    close,
    name: () => call('me'),
    async begin({ commit, version, runs }) {
      refuseProtocol(await rows<Protocol>('select * from runbook.protocol()'))
      const { host, boot, machine = '' } = machineOf(state)
      return call('begin_runner', incarnation, host, boot, machine, commit, version, runs)
    },
    seen,
    end: () => call('end_runner', incarnation),
    claim: (slugs, ships) =>
      asOwner(async () => {
        // In one statement: no older database comes between the two.
        const [row] = await rows<Owned & { mark: string }>(
          `with seen as materialized (select runbook.see_runner($1, $4) as mark)
           select ${ownedColumns}, mark from seen
           left join lateral runbook.claim(case when mark is null then null else $1::uuid end, $2, $3) on true
           where mark is not null`,
          [incarnation, slugs, ships, readMark(state)],
        )
        keep(row?.mark)
        return row?.run ? row : undefined
      }),
    claimByHand: ({ run, slug, key, ships, parent }) =>
      claimed(`select ${ownedColumns} from runbook.claim_by_hand($1, $2, $3, $4, $5, $6)`, [
        incarnation,
        run,
        slug,
        key,
        ships,
        parent ?? null,
      ]),
    owned: () => rows<Owned>(`select ${ownedColumns} from runbook.owned($1)`, [incarnation]),
    called: () =>
      rows<Called>(
        `select id, run, topic = any ($1) as "isToGoOn", state = 'ended' as "isOver"
         from runbook.answer join runbook.run using (run)
         where taken_at is null and runner = runbook.me() and (state = 'owned' or state = 'ended' and topic = any ($1))`,
        [continuations],
      ),
    openAgain: (run) => claimed(`select ${ownedColumns} from runbook.open_again($1, $2)`, [incarnation, run]),
    decline: (run, epoch, why) => own('decline', run, epoch, why.slice(0, 1000)),
    ship: (run, epoch, first, lines, { status, waiting }) =>
      own('ship', run, epoch, first, lines, status, waiting),
    async putFile(run, epoch, file, bytes) {
      const digest = sha256(bytes)
      const pieces = Math.max(1, Math.ceil(bytes.length / pieceBytes))
      for (let no = 0; no < pieces; no++) {
        const piece = bytes.subarray(no * pieceBytes, (no + 1) * pieceBytes)
        const isLast = no === pieces - 1
        await own('put_file', run, epoch, file, digest, bytes.length, no, piece, isLast)
      }
    },
    permit: (run, epoch, ms) => own('permit', run, epoch, ms),
    finish: (run, epoch) => own('finish', run, epoch),
    takeAnswer: (run, epoch, id, refused) =>
      own('take_answer', run, epoch, id, refused?.slice(0, 1000) ?? null),
  }
}

/** The protocol of this program: what its calls of the schema mean. */
const protocol = 1

interface Protocol {
  /** The protocol that the schema has, and the oldest that it serves. */
  newest: number
  oldest: number
}

/** Throws Refused where schema and program do not know each other. A newer schema serves an older program until it says otherwise. */
function refuseProtocol([schema]: Protocol[]): void {
  if (schema && schema.oldest > protocol)
    throw new Refused(
      `the schema serves programs from protocol ${schema.oldest}, and this one has ${protocol}`,
      'Install the version of the other machines.',
    )
  if (!schema || schema.newest < protocol)
    throw new Refused(
      'the schema is older than this program',
      'Extend it with `runbook team migrate`; machines with the older version may go on meanwhile.',
    )
}

const runColumns = `run, slug, key, state, runner, wants, epoch, ships, size, head, status, waiting, parent, statement, signature,
  declined, not_before as "notBefore", expires_at as "expiresAt", ordered_at as "orderedAt", owned_at as "ownedAt",
  ended_at as "endedAt"`

const ownedColumns = `run, epoch, statement, signature, ships, size, head,
  coalesce(greatest(0, ceil(extract(epoch from start_before - clock_timestamp()) * 1000)), 0)::int as "waitMs"`

/** Time between two tries to listen again, in milliseconds. */
const againMs = 1000
/** A connection that only listens sends nothing, so a partition would be silent: it is asked this often, in milliseconds. */
const askMs = 15_000

/** Listens for notices, and connects again for ever. After each new connection it says '': notices may have been missed. */
async function listen(
  connect: () => Client,
  channels: readonly string[],
  onNotice: (notice: string) => void,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const client = connect()
    const broken = new Promise<void>((resolve) => {
      client.once('error', () => resolve())
      client.once('end', () => resolve())
      stop.addEventListener('abort', () => resolve(), { once: true })
    })
    client.on('error', () => {})
    try {
      await client.connect()
      client.on('notification', ({ payload = '' }) => onNotice(payload))
      for (const channel of channels) await client.query(`listen ${channel}`)
      onNotice('')
      const asking = setInterval(() => {
        client.query('select 1').catch(() => void client.end().catch(() => {}))
      }, askMs)
      await broken
      clearInterval(asking)
    } catch {
      // Not there now; asked again.
    }
    await client.end().catch(() => {})
    if (!stop.aborted) await sleep(againMs)
  }
}
