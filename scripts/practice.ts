import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineCommand, defineProgram, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { choice, filePath, integer } from '../runner/kit/types.ts'
import { startDatabase, stopDatabase } from './programs/practice/practice-database.ts'
import {
  startCertificate,
  startRedis,
  startSecret,
  startSessions,
  stopServers,
} from './programs/practice/practice-servers.ts'
import { makeFolder } from '../runner/make-folder.ts'

/** Systems to practise on: each is made in an empty folder. */
const systems = {
  database: { start: startDatabase, stop: stopDatabase },
  redis: { start: startRedis, stop: stopServers },
  sessions: { start: startSessions, stop: stopServers },
  certificate: { start: startCertificate, stop: stopServers },
  secret: { start: startSecret, stop: stopServers },
} as const satisfies Record<string, System>

interface System {
  start(dir: string, port: number): Promise<void> | void
  stop(dir: string, port: number): Promise<void>
}

/** Marks a folder that this program made, and may remove. */
const MARK = '.practice'

const args = { system: required(choice(Object.keys(systems) as (keyof typeof systems)[])) }
const options = {
  dir: required(filePath('folder'), 'Its folder.'),
  port: withDefault(integer(1, 65_535, 'port'), '47443', 'The port of Redis or nginx, on loopback.'),
}

const start = defineCommand({
  name: 'start',
  summary:
    'Make a small system for a drill, in a folder of its own. One that is there from before is removed first.',
  args,
  options,
  effect: 'write',
  examples: ['runbook practice start database --dir .lab/practice/database'],
  async run({ args: { system }, options: { port, ...given }, dryRun }): Promise<CommandReport> {
    const dir = resolve(given.dir)
    refuseForeign(dir)
    const document = { ok: true, dryRun, system, dir }
    if (dryRun) return { document, text: `$ would make ${system} in ${dir}\n` }
    const one: System = systems[system]
    if (existsSync(dir)) await one.stop(dir, port)
    makeFolder(dir, 0o777)
    writeFileSync(join(dir, MARK), `${system}\n`)
    await one.start(dir, port)
    return { document, text: `+ ${system} in ${dir}\n` }
  },
})

const stop = defineCommand({
  name: 'stop',
  summary: 'Stop a system for a drill, and remove its folder.',
  args,
  options,
  effect: 'write',
  examples: ['runbook practice stop database --dir .lab/practice/database'],
  async run({ args: { system }, options: { port, ...given }, dryRun }): Promise<CommandReport> {
    const dir = resolve(given.dir)
    refuseForeign(dir)
    const document = { ok: true, dryRun, system, dir }
    if (!existsSync(dir)) return { document, text: `= ${dir} is not there\n` }
    if (dryRun) return { document, text: `$ would remove ${dir}\n` }
    const one: System = systems[system]
    await one.stop(dir, port)
    return { document, text: `+ removed ${dir}\n` }
  },
})

/** @throws {CliError} for a folder with files that are not of a practice */
function refuseForeign(dir: string): void {
  if (!existsSync(dir) || readdirSync(dir).length === 0 || existsSync(join(dir, MARK))) return
  throw new CliError(exit.usage, `The folder ${dir} is not one of a practice`, 'Name another with --dir.')
}

export const program = defineProgram({
  name: 'runbook practice',
  summary: 'Make small systems for drills: a lost database, sessions, a certificate that ends, a secret.',
  commands: [start, stop],
})

if (import.meta.main) await runProgram(program)
