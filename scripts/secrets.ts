import { createHmac, scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { defineCommand, defineProgram, many, optional, required } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { loadConfig } from '../runner/config.ts'
import { readSecretList, resolveReference } from '../runner/engine/secrets/secret-references.ts'
import type { SecretStore } from '../runner/engine/secrets/secret-references.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { day, filePath, string } from '../runner/kit/types.ts'
import { orThrow } from '../runner/model/problem.ts'
import { ageOf } from '../runner/model/secret-list.ts'
import type { ListedSecret } from '../runner/model/secret-list.ts'
import { isReference } from '../runner/model/secret-reference.ts'
import { suggestion } from '../runner/model/suggest.ts'
import { writeAtomically } from './lib/atomic.ts'

const FILE = { file: optional(filePath('file'), 'The list. Default: `secrets` of runbook.config.ts.') }

async function storeOf(file: string | undefined): Promise<SecretStore> {
  const config = await loadConfig(process.cwd(), process.env)
  return { file: file ?? config.secrets, root: config.root, env: process.env }
}

const due = defineCommand({
  name: 'due',
  summary:
    'Print how old each secret is. Exits with 1 when one is overdue, or the day of its change is unknown.',
  args: {},
  options: {
    ...FILE,
    name: many(string('name'), 'Only this one.'),
    now: optional(day, 'Another day than today.'),
  },
  effect: 'read',
  examples: ['runbook secrets due', 'runbook secrets due --name db/credentials'],
  async run({ options }): Promise<CommandReport> {
    const { file } = await storeOf(options.file)
    const listed = orThrow(readSecretList(file), exit.usage)
    for (const name of options.name) listedSecret(listed, name, file)
    const now = options.now === undefined ? Date.now() : Date.parse(options.now)
    const secrets = Object.entries(listed)
      .filter(([name]) => options.name.length === 0 || options.name.includes(name))
      .map(([name, secret]) => ({ name, owner: secret.owner, every: secret.every, ...ageOf(secret, now) }))
    const ok = secrets.every(({ state }) => state === 'current' || state === 'without-promise')
    return {
      document: { ok, secrets },
      text: secrets.map(lineOf).join(''),
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Change what is overdue: runbook exec secret-rotation -i name=NAME',
    }
  },
})

interface Aged {
  name: string
  owner: string | undefined
  every: string | undefined
  days: number | undefined
  state: ReturnType<typeof ageOf>['state']
}

function lineOf({ name, owner, every, days, state }: Aged): string {
  const age = days === undefined ? 'the day of its change is not listed' : `changed ${days} days ago`
  const promise = every === undefined ? '' : `, every ${every}`
  const word = { current: 'ok     ', overdue: 'OVERDUE', unknown: 'UNKNOWN', 'without-promise': '-      ' }[
    state
  ]
  return `${word} ${name.padEnd(32)} ${age}${promise}${owner === undefined ? '' : `, ${owner}`}\n`
}

const references = many(string('reference'), 'Such as secret://db/credentials.')

const check = defineCommand({
  name: 'check',
  summary:
    'Read the value of each reference, and say only whether that works. Exits with 1 when one cannot be read.',
  args: { references },
  options: FILE,
  effect: 'read',
  examples: ['runbook secrets check secret://db/credentials'],
  async run({ args, options }): Promise<CommandReport> {
    const store = await storeOf(options.file)
    const secrets = await Promise.all(
      args.references.map(async (reference) => {
        const read = await resolveReference(referenceOf(reference), store)
        return { reference, problem: read.ok ? '' : [read.problem.message, read.problem.hint].join('. ') }
      }),
    )
    const ok = secrets.every(({ problem }) => problem === '')
    return {
      document: { ok, secrets },
      text: secrets
        .map(({ reference, problem }) => `${problem === '' ? `ok   ${reference}` : `FAIL ${problem}`}\n`)
        .join(''),
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Set it at its source, or correct the list.',
    }
  },
})

const fingerprint = defineCommand({
  name: 'fingerprint',
  summary:
    'Print a mark of the value of a reference: another value has another mark, and no mark leads back to a value.',
  args: { reference: required(string('reference')) },
  options: {
    ...FILE,
    salt: required(string('text'), 'Marks with the same salt can be compared; the id of a run, for example.'),
    differsFrom: optional(string('mark'), 'Exit with 1 when the value still has this mark.'),
  },
  effect: 'read',
  examples: ['runbook secrets fingerprint secret://db/credentials --salt "$RUNBOOK_RUN_ID"'],
  async run({ args, options }): Promise<CommandReport> {
    const reference = referenceOf(args.reference)
    const value = orThrow(await resolveReference(reference, await storeOf(options.file)))
    const mark = markOf(value, options.salt)
    const same = mark === options.differsFrom
    return {
      document: { ok: !same, reference, mark },
      text: same ? `${reference} still has the value from before\n` : `${mark}\n`,
      exitCode: same ? exit.failed : exit.done,
      hint: 'Put the new value where the reference leads, then try again.',
    }
  },
})

/** Slow to compute, as for a password: a short secret cannot be guessed from its mark. */
function markOf(value: string, salt: string): string {
  return createHmac('sha256', salt)
    .update(scryptSync(value, salt, 32))
    .digest('hex')
    .slice(0, 16)
}

const record = defineCommand({
  name: 'record',
  summary: 'Write the day on which a secret was changed into the list. Its comments stay.',
  args: { name: required(string('name')) },
  options: { ...FILE, on: optional(day, 'The day. Default: today.') },
  effect: 'write',
  examples: ['runbook secrets record db/credentials'],
  async run({ args, options, dryRun }): Promise<CommandReport> {
    const { file } = await storeOf(options.file)
    listedSecret(orThrow(readSecretList(file), exit.usage), args.name, file)
    const on = options.on ?? new Date().toISOString().slice(0, 10)
    const document = parseDocument(readFileSync(file, 'utf8'))
    document.setIn(['secrets', args.name, 'changed'], on)
    if (dryRun)
      return {
        document: { ok: true, dryRun: true },
        text: `! would write changed: ${on} for ${args.name} into ${file}\n`,
      }
    await writeAtomically(file, document.toString({ lineWidth: 0 }))
    return {
      document: { ok: true, name: args.name, changed: on },
      text: `+ ${args.name} was changed on ${on}\n`,
    }
  },
})

function listedSecret(
  listed: Readonly<Record<string, ListedSecret>>,
  name: string,
  file: string,
): ListedSecret {
  const secret = Object.hasOwn(listed, name) ? listed[name] : undefined
  if (secret !== undefined) return secret
  throw new CliError(
    exit.usage,
    `Unknown secret \`${name}\`: ${file} does not list it`,
    suggestion(name, Object.keys(listed)),
  )
}

function referenceOf(text: string): string {
  if (isReference(text)) return text
  throw new CliError(exit.usage, `Unexpected reference \`${text}\``, 'Write it as secret://path.')
}

export const program = defineProgram({
  name: 'runbook secrets',
  summary: 'Read where secrets are, how old they are, and whether they can be read. Never prints a value.',
  commands: [due, check, fingerprint, record],
  fallback: 'due',
})

if (import.meta.main) await runProgram(program)
