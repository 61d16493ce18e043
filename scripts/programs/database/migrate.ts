import { defineCommand, required } from '../../../runner/kit/command.ts'
import type { Command, CommandReport, Valued } from '../../../runner/kit/command.ts'
import { filePath } from '../../../runner/kit/types.ts'
import { existsSync } from 'node:fs'
import { readFile, realpath, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { replaceFileByCopy } from '../../../runner/write-whole.ts'
import { messageOf } from '../../lib/errors.ts'

/** The parts shared with the other commands: the option of the file, and how it is found. */
interface Shared {
  file: Valued<string, 'default'>
  existing: (file: string) => string
}

/** `migrate`: changes the schema with SQL, all or nothing, after a copy of the data was kept. */
export function migrateCommand({ file: fileOption, existing }: Shared): Command {
  return defineCommand({
    name: 'migrate',
    summary: 'Keep a copy of the database, then run SQL against it, whole or not at all.',
    args: {},
    options: {
      sql: required(filePath('file'), 'File with the SQL to run; without BEGIN and COMMIT.'),
      keep: required(filePath('file'), 'Where the copy from before goes. One that is there stays.'),
      file: fileOption,
    },
    effect: 'write',
    examples: ['runbook database migrate --sql down.sql --keep before.db'],
    async run({ options, dryRun }): Promise<CommandReport> {
      const { sql: from, keep } = options
      const file = existing(options.file)
      const sql = await readFile(from, 'utf8').catch((error: unknown) => {
        throw new CliError(exit.failed, `${from} cannot be read: ${messageOf(error)}`, 'Check --sql.')
      })
      if (dryRun)
        return { document: { ok: true, dryRun: true }, text: `! would run ${from} against ${file}\n` }
      keepCopy(file, keep)
      inOne(file, sql)
      return {
        document: { ok: true, file, keep },
        text: `  before   ${keep}\n+ ran ${from} against ${file}\n`,
      }
    },
  })
}

/** `restore`: puts a kept copy in the place of the database. */
export function restoreCommand({ file: fileOption, existing }: Shared): Command {
  return defineCommand({
    name: 'restore',
    summary: 'Restore the copy that migrate kept. Later changes are lost.',
    args: {},
    options: { from: required(filePath('file'), 'The copy.'), file: fileOption },
    effect: 'write',
    examples: [],
    async run({ options, dryRun }): Promise<CommandReport> {
      const file = existing(options.file)
      const from = existing(options.from)
      sound(from)
      if (dryRun)
        return { document: { ok: true, dryRun: true }, text: `$ would put ${from} in the place of ${file}\n` }
      // Changes that SQLite keeps beside the file belong to the state before.
      for (const more of ['-wal', '-shm', '-journal'])
        await rm(`${await realpath(file)}${more}`, { force: true })
      replaceFileByCopy(file, from)
      await rm(from)
      return { document: { ok: true, file }, text: `+ ${file} is as it was\n` }
    },
  })
}

// A second try after a crash must not replace the copy by one of a half-changed database.
function keepCopy(file: string, keep: string): void {
  if (!existsSync(keep)) run(file, (database) => database.prepare('VACUUM INTO ?').run(keep))
  sound(keep)
}

function inOne(file: string, sql: string): void {
  run(file, (database) => {
    try {
      database.exec(`BEGIN IMMEDIATE;\n${sql}\n;COMMIT`)
    } catch (error) {
      throw new CliError(
        exit.failed,
        `The SQL failed, and ${file} is as it was: ${messageOf(error)}`,
        'Correct it, and try again; `locks` says who holds the database.',
      )
    }
  })
}

function sound(file: string): void {
  const row = run(file, (database) => database.prepare('PRAGMA integrity_check').get())
  if (row?.['integrity_check'] === 'ok') return
  throw new CliError(exit.failed, `${file} is damaged: its own check says so`, 'Use another copy.')
}

function run<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file, { timeout: 1000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}
