import { chownSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineCommand, defineProgram, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport, Values } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { duration, filePath, integer, moment, string } from '../runner/kit/types.ts'
import { baseBackups, baseFolder, judgeBackups, nameOf, newestWal } from './programs/postgres/backups.ts'
import type { Finding } from './programs/postgres/backups.ts'
import { accountOf, connectionArgs, query, run } from './programs/postgres/cluster.ts'
import { discard, restore } from './programs/postgres/restore.ts'
import { makeFolder } from '../runner/make-folder.ts'

const REPOSITORY = {
  repository: required(filePath('folder'), 'Backups: `base/TIME` and `wal`.'),
}
const AS = { as: withDefault(string('account'), 'postgres', 'Account of the server when this runs as root.') }
const CONNECTION = {
  host: withDefault(string('host'), '127.0.0.1', 'The server.'),
  port: required(integer(1, 65_535, 'port'), 'Its port.'),
  user: withDefault(string('name'), 'postgres', 'Its user; a password comes from PGPASSWORD or ~/.pgpass.'),
  database: withDefault(string('name'), 'postgres', 'Its database.'),
}
const markers = 'runbook_markers'

const backup = defineCommand({
  name: 'backup',
  summary: 'Take a base backup of a running server.',
  args: {},
  options: { ...REPOSITORY, ...CONNECTION, ...AS },
  effect: 'write',
  examples: ['runbook postgres backup --repository /srv/backups --port 5432'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { repository, as } = options
    const account = accountOf(as)
    const base = resolve(baseFolder(repository))
    if (dryRun)
      return { document: { ok: true, dryRun: true }, text: `! would take a base backup into ${base}\n` }
    makeFolder(base, 0o777)
    if (account !== undefined) chownSync(base, account.uid, account.gid)
    const name = nameOf(Date.now())
    const to = join(base, name)
    try {
      await run(
        'pg_basebackup',
        [...connectionArgs(options).slice(0, -2), '-D', to, '-c', 'fast', '-X', 'stream'],
        { account },
      )
    } catch (error) {
      rmSync(to, { recursive: true, force: true })
      throw error
    }
    return { document: { ok: true, backup: name }, text: `${name}\n` }
  },
})

const backups = defineCommand({
  name: 'backups',
  summary:
    'Print the base backups, newest first, and hold them to what is promised of them. Exits with 1 when a promise is broken.',
  args: {},
  options: {
    ...REPOSITORY,
    copy: optional(filePath('folder'), 'A second repository, which must have the newest backup too.'),
    maxAge: withDefault(duration(), '6h', 'Longest age of the newest base backup.'),
    maxWalAge: withDefault(duration(), '1h', 'Longest age of the newest WAL: the most that may be lost.'),
    keep: withDefault(duration(), '30d', 'How long backups are kept; an older one is a warning.'),
    now: optional(moment, 'Another time than the present one.'),
  },
  effect: 'read',
  examples: ['runbook postgres backups --repository /srv/backups --copy /srv/region-2'],
  run({ options }): Promise<CommandReport> {
    const { repository, copy } = options
    const now = options.now ?? Date.now()
    const existing = baseBackups(repository)
    const promises = { maxAgeMs: options.maxAge, maxWalAgeMs: options.maxWalAge, keepMs: options.keep }
    const findings = [
      ...judgeBackups(existing, newestWal(repository), promises, now),
      ...(copy === undefined ? [] : [copyFinding(existing[0]?.name, copy)]),
    ]
    const ok = findings.every(({ state }) => state !== 'fail')
    return Promise.resolve({
      document: { ok, backups: existing.map(({ name }) => name), findings },
      text: [...existing.map(({ name }) => `  ${name}\n`), ...findings.map(lineOf)].join(''),
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Take a backup: runbook postgres backup; and find out why none was taken.',
    })
  },
})

function copyFinding(newest: string | undefined, copy: string): Finding {
  const has = baseBackups(copy).some(({ name }) => name === newest)
  return {
    state: has ? 'ok' : 'fail',
    text: `${copy} ${has ? 'has' : 'does not have'} the newest base backup`,
  }
}

function lineOf({ state, text }: Finding): string {
  return `${{ ok: 'ok  ', warn: 'warn', fail: 'FAIL' }[state]} ${text}\n`
}

const BACKUP = {
  ...REPOSITORY,
  backup: withDefault(string('name'), 'latest', 'Its name, or latest.'),
}

const verify = defineCommand({
  name: 'verify',
  summary: 'Recompute every checksum of a base backup.',
  args: {},
  options: BACKUP,
  effect: 'read',
  examples: ['runbook postgres verify --repository /srv/backups'],
  async run({ options }): Promise<CommandReport> {
    const name = backupNamed(options)
    await run('pg_verifybackup', ['-e', '-q', join(resolve(baseFolder(options.repository)), name)])
    return { document: { ok: true, backup: name }, text: `ok   ${name} is whole\n` }
  },
})

function backupNamed({ repository, backup: wanted }: Values<typeof BACKUP>): string {
  if (wanted !== 'latest') return wanted
  const [newest] = baseBackups(repository)
  if (newest !== undefined) return newest.name
  throw new CliError(exit.failed, `There is no base backup in ${repository}`, 'Name another --repository.')
}

const restoreCommand = defineCommand({
  name: 'restore',
  summary:
    'Restore a base backup and the WAL after it into a new folder, and start it on a new port. No other server is touched.',
  args: {},
  options: {
    ...BACKUP,
    ...CONNECTION,
    ...AS,
    to: required(filePath('folder'), 'Folder of the new server.'),
    until: optional(
      string('time'),
      'The point in time, such as 2026-11-30T04:15:00Z. Default: the end of the WAL.',
    ),
    limit: withDefault(duration(), '15m', 'Longest time until it answers.'),
  },
  effect: 'write',
  examples: [
    'runbook postgres restore --repository /srv/backups --to /srv/restored --port 47432 --until 2026-11-30T04:15:00Z',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { repository, to, until, as, limit, port } = options
    const name = backupNamed(options)
    const point = until ?? 'the end of the WAL'
    if (dryRun)
      return {
        document: { ok: true, dryRun: true },
        text: `! would restore ${name} up to ${point} into ${to}, on port ${port}\n`,
      }
    const began = performance.now()
    await restore({
      repository,
      backup: name,
      to,
      until,
      connection: options,
      account: accountOf(as),
      limitMs: limit,
    })
    const seconds = (performance.now() - began) / 1000
    return {
      document: { ok: true, backup: name, port, seconds },
      text: `+ ${name} is restored up to ${point}, on port ${port}, after ${seconds.toFixed(1)} s\n`,
    }
  },
})

const discardCommand = defineCommand({
  name: 'discard',
  summary: 'Stop a restored server and remove its folder.',
  args: {},
  options: { to: required(filePath('folder'), 'Folder of the restored server.'), ...AS },
  effect: 'write',
  examples: ['runbook postgres discard --to /srv/restored'],
  async run({ options: { to, as }, dryRun }): Promise<CommandReport> {
    if (!dryRun) await discard(to, accountOf(as))
    return {
      document: { ok: true, dryRun },
      text: dryRun ? `! would remove ${to}\n` : `+ ${to} is removed\n`,
    }
  },
})

const ready = defineCommand({
  name: 'ready',
  summary: 'Exit with 0 when the server answers and can be written.',
  args: {},
  options: CONNECTION,
  effect: 'read',
  examples: ['runbook postgres ready --port 47432'],
  async run({ options }): Promise<CommandReport> {
    const isReady = (await query(options, 'SELECT pg_is_in_recovery()'))[0]?.[0] === 'f'
    return {
      document: { ok: isReady },
      text: isReady ? 'it answers and can be written\n' : 'it still replays the archive\n',
      exitCode: isReady ? exit.done : exit.failed,
    }
  },
})

const counts = defineCommand({
  name: 'counts',
  summary: 'Count the rows of every table.',
  args: {},
  options: CONNECTION,
  effect: 'read',
  examples: ['runbook postgres counts --port 47432 --database shop'],
  async run({ options }): Promise<CommandReport> {
    const names = await query(
      options,
      "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
    )
    const tables: Record<string, number> = {}
    for (const [name = ''] of names)
      tables[name] = Number((await query(options, `SELECT count(*) FROM ${name}`))[0]?.[0])
    const lines = Object.entries(tables).map(([name, rows]) => `${String(rows).padStart(10)}  ${name}\n`)
    return {
      document: { ok: names.length > 0, tables },
      text: lines.join('') || 'there is no table\n',
      exitCode: names.length > 0 ? exit.done : exit.failed,
      hint: 'Name the database that has your tables with --database.',
    }
  },
})

const mark = defineCommand({
  name: 'mark',
  summary: `Write the time into the table ${markers} again and again, until it is ended: a restore tells from them how much was lost.`,
  args: {},
  options: { ...CONNECTION, every: withDefault(duration(), '10s', 'Time between two markers.') },
  effect: 'serve',
  examples: ['runbook postgres mark --port 5432 --database shop'],
  async run({ options }): Promise<number> {
    const ended = new AbortController()
    process.once('SIGTERM', () => ended.abort())
    process.once('SIGINT', () => ended.abort())
    await query(options, `CREATE TABLE IF NOT EXISTS ${markers} (at timestamptz PRIMARY KEY)`)
    process.stdout.write(`marking every ${options.every / 1000} s\n`)
    while (!ended.signal.aborted) {
      await query(options, `INSERT INTO ${markers} VALUES (clock_timestamp())`)
      await sleep(options.every, undefined, { signal: ended.signal }).catch(() => undefined)
    }
    return exit.done
  },
})

const loss = defineCommand({
  name: 'loss',
  summary:
    'Print how much a restore lost (RPO) and how long it took (RTO), by its newest marker. Exits with 1 when a limit is exceeded.',
  args: {},
  options: {
    ...CONNECTION,
    failedAt: required(moment, 'When the database was lost.'),
    rpo: withDefault(duration(), '1h', 'Most data that may be lost, as time.'),
    rto: withDefault(duration(), '15m', 'Longest time until the restore answers.'),
    now: optional(moment, 'When it answered. Default: now.'),
  },
  effect: 'read',
  examples: ['runbook postgres loss --port 47432 --failed-at 2026-11-30T04:15:00Z'],
  async run({ options }): Promise<CommandReport> {
    const { failedAt, rpo: rpoMs, rto: rtoMs } = options
    const rows = await query(options, `SELECT extract(epoch FROM max(at)) * 1000 FROM ${markers}`)
    const newest = Number(rows[0]?.[0] || NaN)
    if (Number.isNaN(newest))
      throw new CliError(
        exit.failed,
        `The table ${markers} is empty`,
        'Leave `runbook postgres mark` running beside the database.',
      )
    const rpo = Math.max(0, failedAt - newest)
    const rto = (options.now ?? Date.now()) - failedAt
    const findings: Finding[] = [
      {
        state: rpo > rpoMs ? 'fail' : 'ok',
        text: `RPO ${(rpo / 1000).toFixed(1)} s of data lost, at most ${rpoMs / 1000} s`,
      },
      {
        state: rto > rtoMs ? 'fail' : 'ok',
        text: `RTO ${(rto / 1000).toFixed(1)} s until it answered, at most ${rtoMs / 1000} s`,
      },
    ]
    const ok = findings.every(({ state }) => state === 'ok')
    return {
      document: { ok, rpoMs: Math.round(rpo), rtoMs: Math.round(rto) },
      text: findings.map(lineOf).join(''),
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Archive more often (archive_timeout), or keep base backups nearer.',
    }
  },
})

export const program = defineProgram({
  name: 'runbook postgres',
  summary: 'Back PostgreSQL up, prove the backups, and restore to a point in time beside the original.',
  commands: [backup, backups, verify, restoreCommand, ready, counts, loss, mark, discardCommand],
})

if (import.meta.main) await runProgram(program)
