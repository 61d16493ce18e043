import { chmodSync, chownSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { anotherPort } from '../../lab/servers/ports.ts'
import { baseFolder, nameOf, walFolder } from '../postgres/backups.ts'
import { accountOf, connectionArgs, query, run } from '../postgres/cluster.ts'
import { discard, start, stop } from '../postgres/restore.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

const limitMs = 60_000

/** Leaves `backups` of a PostgreSQL with orders and a marker. The server itself is lost: it is stopped. */
export async function startDatabase(dir: string): Promise<void> {
  const account = accountOf('postgres')
  const [original, repository] = [join(dir, 'original'), join(dir, 'backups')]
  for (const folder of [original, repository, baseFolder(repository), walFolder(repository)]) {
    makeFolder(folder, 0o777)
    if (account !== undefined) chownSync(folder, account.uid, account.gid)
  }
  // The account of the server passes through the folder above its own.
  chmodSync(dir, 0o711)
  const port = await anotherPort(0, 0, [])
  const server = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
  await run('initdb', ['-D', original, '-U', server.user, '-A', 'trust', '--no-sync'], { account })
  const settings = {
    port,
    listen_addresses: server.host,
    unix_socket_directories: original,
    archive_mode: 'on',
    archive_command: `cp %p ${walFolder(repository)}/%f`,
    fsync: 'off',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`)
  writeFileSync(join(original, 'postgresql.auto.conf'), lines.join(''))
  await start(original, account, limitMs)
  try {
    await query(
      server,
      'CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 1000); CREATE TABLE runbook_markers (at timestamptz PRIMARY KEY)',
    )
    const to = join(baseFolder(repository), nameOf(Date.now()))
    const args = [...connectionArgs(server).slice(0, -2), '-D', to, '-c', 'fast', '-X', 'stream']
    await run('pg_basebackup', args, { account })
    await query(
      server,
      'INSERT INTO orders SELECT generate_series(1001, 1500); INSERT INTO runbook_markers VALUES (clock_timestamp())',
    )
    await query(server, 'SELECT pg_switch_wal()')
  } finally {
    // A server that stops archives the rest first.
    await stop(original, account)
  }
}

export async function stopDatabase(dir: string): Promise<void> {
  const account = accountOf('postgres')
  await discard(join(dir, 'restored'), account)
  await stop(join(dir, 'original'), account)
  rmSync(dir, { recursive: true, force: true })
}
