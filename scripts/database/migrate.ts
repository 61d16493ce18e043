import { existsSync } from 'node:fs'
import { copyFile, readFile, rename, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { DRY_RUN, type Options } from '../lib/args.ts'
import { type Command, type Outcome, command } from '../lib/command.ts'
import { Failure, messageOf } from '../lib/failure.ts'
import { required } from '../lib/values.ts'

/** What the commands below share with the others of the program: the flag of the file, and how it is found. */
interface Shared<O extends Options> {
  options: O & { file: { type: 'string'; help: string } }
  existing: (file: string | undefined) => string
}

/** `migrate`: changes the schema with SQL, all or nothing, after a copy of the data was kept. */
export function migrateCommand<O extends Options>({ options, existing }: Shared<O>): Command {
  return command({
    summary: 'runs SQL against the database, whole or not at all, after a copy of it was kept.',
    options: {
      sql: { type: 'string', value: 'FILE', help: 'What to run; without BEGIN and COMMIT.' },
      keep: {
        type: 'string',
        value: 'FILE',
        help: 'Where the copy from before goes. One that is there stays.',
      },
      ...DRY_RUN,
      ...options,
    },
    examples: ['node scripts/database.ts migrate --sql down.sql --keep before.db'],
    async run(values): Promise<Outcome> {
      const { sql: from, keep: to, file: named, 'dry-run': dryRun } = values as Record<string, string>
      const file = existing(named)
      const keep = required(to, '--keep')
      const sql = await readFile(required(from, '--sql'), 'utf8').catch((error: unknown) => {
        throw new Failure(`${from} cannot be read.`, messageOf(error), 'Check --sql.')
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
export function restoreCommand<O extends Options>({ options, existing }: Shared<O>): Command {
  return command({
    summary: 'puts the copy that migrate kept in the place of the database. What was written since is lost.',
    options: { from: { type: 'string', value: 'FILE', help: 'The copy.' }, ...DRY_RUN, ...options },
    async run(values): Promise<Outcome> {
      const { from: copy, file: named, 'dry-run': dryRun } = values as Record<string, string>
      const file = existing(named)
      const from = existing(required(copy, '--from'))
      sound(from)
      if (dryRun)
        return { document: { ok: true, dryRun: true }, text: `$ would put ${from} in the place of ${file}\n` }
      await copyFile(from, `${file}.tmp`)
      await rename(`${file}.tmp`, file)
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
      throw new Failure(
        `The SQL failed, and ${file} is as it was.`,
        messageOf(error),
        'Correct it, and try again; `locks` says who holds the database.',
      )
    }
  })
}

function sound(file: string): void {
  const found = run(file, (database) => database.prepare('PRAGMA integrity_check').get())
  if (found?.['integrity_check'] === 'ok') return
  throw new Failure(`${file} is damaged.`, 'Its own check says so.', 'Use another copy.')
}

function run<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file, { timeout: 1000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}
