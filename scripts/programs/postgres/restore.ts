import { appendFileSync, chownSync, cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { waitFor } from '../../lib/wait.ts'
import { anotherPort } from '../../lab/servers/ports.ts'
import { baseFolder, walFolder } from './backups.ts'
import { query, run } from './cluster.ts'
import type { Account, Connection } from './cluster.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

export interface Restore {
  repository: string
  /** Name of the base backup. */
  backup: string
  /** Folder of the new server; it must not exist, or be empty. */
  to: string
  connection: Connection
  /** The point in time, as ISO 8601; undefined for the end of the archive. */
  until: string | undefined
  account: Account | undefined
  /** Longest time until it answers. Milliseconds. */
  limitMs: number
}

/**
 * Restores a base backup into a new folder, replays the archive up to the point in time, and starts the server on its
 * own port. It does not archive: it would write over the archive that it came from. No other server is touched.
 */
export async function restore(wanted: Restore): Promise<void> {
  const { connection, to, account, limitMs } = wanted
  const folder = resolve(to)
  await refuseTaken(wanted)
  makeFolder(folder)
  try {
    cpSync(join(baseFolder(wanted.repository), wanted.backup), folder, { recursive: true })
    appendFileSync(join(folder, 'postgresql.auto.conf'), settingsOf(wanted, folder))
    writeFileSync(join(folder, 'recovery.signal'), '')
    if (account !== undefined) own(folder, account)
    await start(folder, account, limitMs)
    const ready = await waitFor(
      async () =>
        (await query(connection, 'SELECT pg_is_in_recovery()'))[0]?.[0] === 'f' ? true : undefined,
      limitMs,
      200,
    )
    if (ready === undefined)
      throw new CliError(
        exit.failed,
        `The restored server still replays the archive after ${limitMs / 1000} s`,
        `Look at ${join(folder, 'server.log')}.`,
      )
  } catch (error) {
    await stop(folder, account).catch(() => undefined)
    throw error
  }
}

async function refuseTaken({ repository, backup, to, connection, until }: Restore): Promise<void> {
  if (!existsSync(join(baseFolder(repository), backup, 'backup_manifest')))
    throw new CliError(
      exit.usage,
      `Unknown backup \`${backup}\`: ${repository} does not have it`,
      'Take one of: runbook postgres backups',
    )
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new CliError(
      exit.usage,
      `The folder ${to} is not empty: a restore never writes over a server`,
      'Name a new folder with --to.',
    )
  if (/['"\\%\n]/.test(resolve(repository)))
    throw new CliError(exit.usage, `The path ${repository} has a quote, \\ or %`, 'Move the repository.')
  if (until !== undefined && Number.isNaN(Date.parse(until)))
    throw new CliError(exit.usage, `Unexpected time \`${until}\``, 'Write it as 2026-11-30T04:15:00Z.')
  // Refuses a port that something listens on.
  await anotherPort(connection.port, 0, [])
}

function settingsOf({ repository, connection, until }: Restore, folder: string): string {
  const settings = {
    port: connection.port,
    listen_addresses: connection.host,
    unix_socket_directories: folder,
    archive_mode: 'off',
    restore_command: `cp "${walFolder(resolve(repository))}/%f" "%p"`,
    recovery_target_timeline: 'latest',
    recovery_target_action: 'promote',
    ...(until === undefined
      ? {}
      : { recovery_target_time: new Date(until).toISOString().replace('T', ' ').replace('Z', '+00') }),
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('')
}

function own(folder: string, { uid, gid }: Account): void {
  chownSync(folder, uid, gid)
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, entry), uid, gid)
}

/** Starts a server and returns when it answers. It stays when this program ends. */
export async function start(folder: string, account: Account | undefined, limitMs: number): Promise<void> {
  const args = [
    'start',
    '-D',
    folder,
    '-w',
    '-s',
    '-t',
    String(Math.ceil(limitMs / 1000)),
    '-l',
    join(folder, 'server.log'),
  ]
  await run('pg_ctl', args, { account })
}

/** Stops a server; one that does not run stays so. */
export async function stop(folder: string, account: Account | undefined): Promise<void> {
  if (existsSync(join(folder, 'postmaster.pid')))
    await run('pg_ctl', ['stop', '-D', resolve(folder), '-m', 'fast', '-w', '-s'], { account })
}

/** Stops a restored server and removes its folder. One that was not restored by this program is refused. */
export async function discard(folder: string, account: Account | undefined): Promise<void> {
  if (!existsSync(folder)) return
  if (!existsSync(join(folder, 'backup_manifest')))
    throw new CliError(
      exit.usage,
      `The folder ${folder} was not restored from a backup`,
      'Stop and remove that server by hand.',
    )
  await stop(folder, account)
  rmSync(folder, { recursive: true })
}
