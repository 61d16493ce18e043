import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { migrate } from '../../runner/team/database/migrate.ts'
import { anotherPort } from './servers/ports.ts'

/** A server of PostgreSQL in a folder of its own, on loopback. */
export interface Postgres {
  port: number
  /** Address of the database as its owner, or as another role. */
  url(role?: string): string
  /** Rows of a statement, as its owner. */
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]>
  /** Ends the server as a crash does, at once. */
  crash(): Promise<void>
  /** Starts the server again, where it does not run. */
  start(): Promise<void>
  /** Copies its files while it is stopped, and puts them back. */
  backUp(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

/** The newest version that is installed. */
function programs(): string {
  const root = '/usr/lib/postgresql'
  const [newest] = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : []
  if (newest === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  return join(root, newest, 'bin')
}

/** PostgreSQL refuses to run as root, so root lends it another account. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })),
  )
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) }
}

/** Starts a server with the schema of the team and roles for runners; `more` are settings of its own, as `name=value`. */
export async function startPostgres(
  runners: readonly string[],
  more: readonly string[] = [],
): Promise<Postgres> {
  const bin = programs()
  const as = account()
  const folder = mkdtempSync(join(tmpdir(), 'runbook-postgres-'))
  const data = join(folder, 'data')
  chmodSync(folder, 0o700)
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid ?? as.uid)
  const env = { ...process.env, HOME: folder, TZ: 'UTC' }
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'owner', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    cwd: folder,
    env,
    stdio: 'ignore',
  })
  // Below those that the system gives out: no connection, and none to itself, takes it while the server is stopped.
  const port = await anotherPort(0, 0, [])
  let server: ChildProcess | undefined
  const url = (role = 'owner'): string => `postgres://${role}@127.0.0.1:${port}/postgres`
  const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> => {
    const client = new pg.Client({ connectionString: url(), connectionTimeoutMillis: 2000 })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<T>(text, values)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }
  const start = async (): Promise<void> => {
    if (server !== undefined) return
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'max_connections=200',
      'shared_buffers=32MB',
      ...more,
    ]
    server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
      ...as,
      cwd: folder,
      env,
      stdio: 'ignore',
    })
    for (;;) {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode}`)
      try {
        await query('select 1')
        return
      } catch {
        await sleep(50)
      }
    }
  }
  /** SIGQUIT is the immediate shutdown, SIGINT the fast one. */
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = server
    server = undefined
    if (running === undefined || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await ended
  }
  await start()
  await migrate(url(), runners)
  await query('create role person login in role runbook_person')
  await query('create role reader login in role runbook_reader')
  return {
    port,
    url,
    query,
    start,
    crash: () => end('SIGQUIT'),
    async backUp() {
      await end('SIGINT')
      const copy = join(folder, 'copy')
      rmSync(copy, { recursive: true, force: true })
      execFileSync('cp', ['-a', data, copy])
      await start()
      return async () => {
        await end('SIGINT')
        rmSync(data, { recursive: true, force: true })
        execFileSync('cp', ['-a', copy, data])
        await start()
      }
    },
    async stop() {
      await end('SIGQUIT')
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
