import { defineCommand, defineProgram, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport, CommandResult } from '../runner/kit/command.ts'
import { filePath, integer } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { counter, exposition, gauge, OPENMETRICS_TYPE } from './lab/metrics.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { messageOf } from './lib/errors.ts'
import { listen } from './lib/listen-locally.ts'
import { waitFor } from './lib/wait.ts'
import { migrateCommand, restoreCommand } from './programs/database/migrate.ts'
import { makeFolder } from '../runner/make-folder.ts'

const FILE = { file: withDefault(filePath('file'), '.lab/orders.db', 'The database.') }

const GONE_MS = 5000

/** Whether somebody can write now, and how long that took to find out. */
function tryWrite(file: string): { ok: boolean; ms: number; why: string } {
  const started = performance.now()
  try {
    const database = new DatabaseSync(file, { timeout: 100 })
    try {
      database.exec('BEGIN IMMEDIATE; ROLLBACK')
      return { ok: true, ms: performance.now() - started, why: '' }
    } finally {
      database.close()
    }
  } catch (error) {
    return { ok: false, ms: performance.now() - started, why: messageOf(error) }
  }
}

interface Holder {
  pid: number
  command: string
}

/** The processes that hold a lock on the file for writing, as the kernel lists them. */
function holders(file: string): Holder[] {
  if (!existsSync('/proc/locks')) return []
  const inode = statSync(file).ino
  const pids = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes('WRITE') && line.includes(`:${inode} `) && !line.includes('->'))
    .map((line) => Number(/WRITE\s+(\d+)/.exec(line)?.[1] ?? 0))
    .filter((pid) => pid > 0)
  return [...new Set(pids)].map((pid) => ({ pid, command: commandOf(pid) }))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return '(gone)'
  }
}

function existing(file: string): string {
  if (existsSync(file)) return file
  throw new CliError(
    exit.failed,
    `There is no database ${file}: the file does not exist`,
    'Give another --file, or make one with: runbook database hold',
  )
}

const locks = defineCommand({
  name: 'locks',
  summary: 'Print whether the database can be written, and who holds it. Exits with 1 when it cannot.',
  args: {},
  options: FILE,
  effect: 'read',
  examples: [],
  run({ options }): Promise<CommandReport> {
    const file = existing(options.file)
    const { ok, why } = tryWrite(file)
    const processes = ok ? [] : holders(file)
    const lines = processes.map(({ pid, command: what }) => `held by process ${pid}: ${what}\n`)
    return Promise.resolve({
      document: { ok, why, holders: processes },
      text: ok ? `${file} can be written\n` : `${file} cannot be written: ${why}\n${lines.join('')}`,
      exitCode: ok ? 0 : 1,
      hint: 'End the process that is named, if it may be ended: runbook database release --pid PID',
    })
  },
})

const release = defineCommand({
  name: 'release',
  summary: 'End the process that holds the database, after checking that it still does.',
  args: {},
  options: {
    pid: required(integer(2, 4_194_304), 'The process, as locks named it.'),

    ...FILE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const file = existing(options.file)
    const pid = options.pid
    if (!holders(file).some((holder) => holder.pid === pid))
      throw new CliError(
        exit.failed,
        `Process ${pid} does not hold ${file}: the kernel lists no lock of it`,
        'Look again with: runbook database locks',
      )
    if (dryRun) return { document: { ok: true, dryRun: true, pid }, text: `$ would end process ${pid}\n` }
    process.kill(pid, 'SIGTERM')
    const gone = await waitFor(
      () => !holders(file).some((holder) => holder.pid === pid) || undefined,
      GONE_MS,
    )
    if (gone === undefined)
      throw new CliError(
        exit.failed,
        `Process ${pid} still holds ${file}: it did not end within 5 seconds`,
        'Its owner must look.',
      )
    return { document: { ok: true, pid }, text: `+ process ${pid} released it\n` }
  },
})

const hold = defineCommand({
  name: 'hold',
  summary: 'For practice: hold the database for writing until this program is stopped.',
  args: {},
  options: FILE,
  effect: 'serve',
  examples: [],
  async run({ options }): Promise<CommandResult> {
    const { file } = options
    makeFolder(dirname(file), 0o777)
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY); BEGIN EXCLUSIVE')
    process.stdout.write(`holding ${file}, process ${process.pid}\n`)
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => undefined, 60_000)
      process.once('SIGTERM', () => {
        clearInterval(timer)
        resolve()
      })
    })
    database.close()
    return exit.done
  },
})

const watch = defineCommand({
  name: 'watch',
  summary:
    'Serve metrics about the database on loopback: whether it can be written, and how long that takes.',
  args: {},
  options: {
    port: withDefault(integer(0, 65_535, 'port'), '47110', 'Port to listen on; 0 selects a free one.'),
    ...FILE,
  },
  effect: 'serve',
  examples: [],
  async run({ options }): Promise<CommandResult> {
    const { file } = options
    const failed = counter('database_write_failures', 'Tries to write that failed.')
    failed.add({}, 0)
    let last = { ok: true, ms: 0 }
    const pages = [
      failed,
      gauge('database_writable', '1 when it can be written.', () => [[{}, last.ok ? 1 : 0]]),
      gauge(
        'database_write_wait_seconds',
        'How long the last try took.',
        () => [[{}, last.ms / 1000]],
        'seconds',
      ),
    ]
    const server = createServer((_, response) => {
      if (existsSync(file)) last = tryWrite(file)
      if (!last.ok) failed.add({})
      response.writeHead(200, { 'content-type': OPENMETRICS_TYPE }).end(exposition(pages))
    })
    const port = await listen(server, options.port)
    process.stdout.write(`metrics on http://127.0.0.1:${port}/metrics\n`)
    await new Promise<void>((resolve) => process.once('SIGTERM', resolve))
    server.close().closeAllConnections()
    return exit.done
  },
})

export const program = defineProgram({
  name: 'runbook database',
  summary: 'Practise on a small database: who holds it, and how to get it back.',
  commands: [
    locks,
    release,
    migrateCommand({ file: FILE.file, existing }),
    restoreCommand({ file: FILE.file, existing }),
    hold,
    watch,
  ],
})

if (import.meta.main) await runProgram(program)
