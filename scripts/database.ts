import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { counter, exposition, gauge, OPENMETRICS_TYPE } from './lab/metrics.ts'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { Failure, messageOf } from './lib/failure.ts'
import { listen } from './lib/listen.ts'
import { runProgram } from './lib/program.ts'
import { integer } from './lib/values.ts'
import { waitFor } from './lib/wait.ts'
import { migrateCommand, restoreCommand } from './database/migrate.ts'

const FILE = {
  file: { type: 'string', value: 'FILE', help: 'The database (default .lab/orders.db).' },
  ...COMMON,
} as const

const DEFAULT_FILE = '.lab/orders.db'
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

function existing(file: string | undefined): string {
  const path = file ?? DEFAULT_FILE
  if (existsSync(path)) return path
  throw new Failure(
    `There is no database ${path}.`,
    'The file does not exist.',
    'Give another --file, or make one with: node scripts/database.ts hold',
  )
}

const locks = command({
  summary: 'says whether the database can be written, and who holds it. Exits with 1 when it cannot.',
  options: FILE,
  run(values): Promise<Outcome> {
    const file = existing(values.file)
    const { ok, why } = tryWrite(file)
    const found = ok ? [] : holders(file)
    const lines = found.map(({ pid, command: what }) => `held by process ${pid}: ${what}\n`)
    return Promise.resolve({
      document: { ok, why, holders: found },
      text: ok ? `${file} can be written\n` : `${file} cannot be written: ${why}\n${lines.join('')}`,
      exitCode: ok ? 0 : 1,
      remedy: 'End the process that is named, if it may be ended: node scripts/database.ts release --pid PID',
    })
  },
})

const release = command({
  summary: 'ends the process that holds the database, after looking that it still does.',
  options: {
    pid: { type: 'string', value: 'PID', help: 'The process, as locks named it.' },
    ...DRY_RUN,
    ...FILE,
  } as const,
  async run(values): Promise<Outcome> {
    const file = existing(values.file)
    const pid = integer(values.pid ?? '', '--pid', 2, 4_194_304)
    if (!holders(file).some((holder) => holder.pid === pid))
      throw new Failure(
        `Process ${pid} does not hold ${file}.`,
        'The kernel lists no lock of it.',
        'Look again with: node scripts/database.ts locks',
      )
    if (values['dry-run'] === true)
      return { document: { ok: true, dryRun: true, pid }, text: `$ would end process ${pid}\n` }
    process.kill(pid, 'SIGTERM')
    const gone = await waitFor(
      () => !holders(file).some((holder) => holder.pid === pid) || undefined,
      GONE_MS,
    )
    if (gone === undefined)
      throw new Failure(
        `Process ${pid} still holds ${file}.`,
        'It did not end within 5 seconds.',
        'Its owner must look.',
      )
    return { document: { ok: true, pid }, text: `+ process ${pid} gave it up\n` }
  },
})

const hold = command({
  summary: 'for practice: holds the database for writing until it is stopped.',
  options: FILE,
  async run(values): Promise<Outcome | undefined> {
    const file = values.file ?? DEFAULT_FILE
    await mkdir(dirname(file), { recursive: true })
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
    return undefined
  },
})

const watch = command({
  summary:
    'serves metrics about the database on loopback: whether it can be written, and how long that takes.',
  options: {
    port: { type: 'string', value: 'PORT', help: 'Default 47110; 0 takes a free one.' },
    ...FILE,
  } as const,
  async run(values): Promise<Outcome | undefined> {
    const file = values.file ?? DEFAULT_FILE
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
    const port = await listen(server, integer(values.port ?? '47110', '--port', 0, 65_535))
    process.stdout.write(`metrics on http://127.0.0.1:${port}/metrics\n`)
    await new Promise<void>((resolve) => process.once('SIGTERM', resolve))
    server.close().closeAllConnections()
    return undefined
  },
})

export const program: Program = {
  name: 'node scripts/database.ts',
  summary: 'a small database to practise on: who holds it, and how to get it back.',
  commands: {
    locks,
    release,
    migrate: migrateCommand({ options: FILE, existing }),
    restore: restoreCommand({ options: FILE, existing }),
    hold,
    watch,
  },
}

if (import.meta.main) await runProgram(program)
