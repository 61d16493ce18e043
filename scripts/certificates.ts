import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { defineCommand, defineProgram, many, optional, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { duration, filePath, moment, string } from '../runner/kit/types.ts'
import type { ValueType } from '../runner/kit/types.ts'
import { failure, success } from '../runner/model/problem.ts'
import { checked } from '../runner/status/checked.ts'
import { messageOf } from './lib/errors.ts'
import { certificatesOf, judgeTimes, misfit, withFailure } from './programs/certificates/certificate-state.ts'
import type { CertificateState, Limits } from './programs/certificates/certificate-state.ts'
import { servedCertificate } from './programs/certificates/served-certificate.ts'

interface Address {
  host: string
  port: number
}

const address: ValueType<Address> = {
  form: 'host:port',
  read(text) {
    const [, host = '', port = '443'] =
      /^(?:https:\/\/)?(\[[\da-fA-F:]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?\/?$/.exec(text) ?? []
    return host !== '' && Number(port) > 0 && Number(port) <= 65_535
      ? success({ host: host.replaceAll(/[[\]]/g, ''), port: Number(port) })
      : failure('a host and perhaps a port, such as shop.example:443')
  },
}

const listSchema = z.strictObject({
  certificates: z.array(
    z
      .strictObject({
        name: z.string().min(1),
        at: z.string().optional(),
        file: z.string().optional(),
        host: z.string().optional(),
        ca: z.string().optional(),
      })
      .refine(({ at, file }) => (at === undefined) !== (file === undefined), 'Expected `at` or `file`'),
  ),
})

interface Wanted {
  name: string
  /** A server, or a file. */
  from: Address | string
  host?: string | undefined
  ca?: string | undefined
  key?: string | undefined
}

const check = defineCommand({
  name: 'check',
  summary:
    'Check certificates of servers and of files: their ends, who signed them, their names, their keys. A warning exits with 0, a failure with 1.',
  args: {},
  options: {
    at: many(address, 'A server that is asked; the port is 443 where none is given.'),
    file: many(filePath('file'), 'A PEM file: the certificate first, then its chain.'),
    list: optional(filePath('file'), 'YAML: `certificates`, each with `name`, `at` or `file`, `host`, `ca`.'),
    host: optional(
      string('name'),
      'The name that the certificate must be for. Default: the host of the server.',
    ),
    ca: optional(
      filePath('file'),
      'PEM of the certificates that are trusted. For a server: beside those of the system.',
    ),
    key: optional(filePath('file'), 'The private key that must belong to the certificate of --file.'),
    warn: withDefault(duration(), '30d', 'A warning from this time before the end.'),
    fail: withDefault(duration(), '7d', 'A failure from this time before the end.'),
    now: optional(moment, 'Another time than the present one.'),
    timeout: withDefault(duration(), '10s', 'Longest time for the answer of a server.'),
  },
  effect: 'read',
  examples: [
    'runbook certificates --at shop.example:443',
    'runbook certificates --file new.pem --key new.key --host shop.example --ca ca.pem',
    'runbook certificates --list content/certificates.yaml',
  ],
  async run({ options }): Promise<CommandReport> {
    const { host, ca, key, timeout } = options
    const wanted: Wanted[] = [
      ...options.at.map((from) => ({ name: `${from.host}:${from.port}`, from, host, ca })),
      ...options.file.map((from) => ({ name: from, from, host, ca, key })),
      ...(options.list === undefined ? [] : listed(options.list)),
    ]
    if (wanted.length === 0)
      throw new CliError(exit.usage, 'Nothing to check', 'Give --at, --file or --list.')
    const limits = { warnMs: options.warn, failMs: options.fail }
    const now = options.now ?? Date.now()
    const certificates = await Promise.all(wanted.map((one) => stateOf(one, limits, now, timeout)))
    const ok = certificates.every(({ state }) => state !== 'fail')
    return {
      document: { ok, certificates },
      text: certificates.map(lineOf).join(''),
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Renew it: runbook exec certificate-renewal',
    }
  },
})

function listed(file: string): Wanted[] {
  const { certificates } = checked(listSchema, textOf(file), file)
  return certificates.map(({ name, at, file: pem = '', host, ca }) => {
    if (at === undefined) return { name, from: pem, host, ca }
    const read = address.read(at)
    if (read.ok) return { name, from: read.value, host, ca }
    throw new CliError(
      exit.usage,
      `${file}: \`at\` of ${name}: unexpected \`${at}\``,
      `Expected ${read.problem.message}.`,
    )
  })
}

async function stateOf(
  { name, from, host, ca, key }: Wanted,
  limits: Limits,
  now: number,
  timeoutMs: number,
): Promise<CertificateState> {
  const trusted = ca === undefined ? undefined : textOf(ca)
  try {
    if (typeof from === 'string') {
      const chain = certificatesOf(textOf(from))
      const expected = {
        ...(trusted === undefined ? {} : { roots: certificatesOf(trusted) }),
        ...(host === undefined ? {} : { host }),
        ...(key === undefined ? {} : { key: textOf(key) }),
      }
      return withFailure(judgeTimes(name, chain, limits, now), misfit(chain, expected))
    }
    const served = await servedCertificate({ ...from, name: host ?? from.host }, trusted, timeoutMs)
    const state = withFailure(judgeTimes(name, served.chain, limits, now), served.problem)
    return withFailure(state, misfit(served.chain, { host: host ?? from.host }))
  } catch (error) {
    if (error instanceof CliError) throw error
    return { name, state: 'fail', findings: [`it cannot be read: ${messageOf(error)}`] }
  }
}

function lineOf({ name, state, until, days, findings }: CertificateState): string {
  const word = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }[state]
  const time = until === undefined ? '' : ` until ${until} (${days} days)`
  return `${word} ${name}${time}${findings.length === 0 ? '' : `: ${findings.join('; ')}`}\n`
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(exit.usage, `${file} cannot be read: ${messageOf(error)}`, 'Give another file.')
  }
}

export const program = defineProgram({
  name: 'runbook certificates',
  summary: 'Check the certificates of servers and files: when they end, and whether they fit. Only reads.',
  commands: [check],
  fallback: 'check',
})

if (import.meta.main) await runProgram(program)
