import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineCommand, many, optional, withDefault } from '../../../runner/kit/command.ts'
import type { CommandReport } from '../../../runner/kit/command.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { choice, filePath, string } from '../../../runner/kit/types.ts'
import { writeAtomically } from '../../lib/atomic.ts'
import { verifySignature } from './authenticode.ts'
import { LINUX_FORMATS } from './build-linux.ts'
import { WINDOWS_FORMATS } from './build-windows.ts'
import { commonName, judge, readArchive, readTrusted } from './certificate.ts'
import { readRecord } from './installer-record.ts'
import { stateOf, TRUST, trustOf } from './installer-options.ts'
import { linuxNeeds, macosNeeds, substituteNeeds, windowsNeeds } from './requirements.ts'

const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'Check installers: digest, signature, time stamp and publisher.',
  args: { files: many(filePath('file'), 'The installers.') },
  options: { ...TRUST, publisher: optional(string('name'), 'Whom they must be signed by.') },
  effect: 'read',
  examples: ['runbook installer verify build/windows/*.msi --publisher "Example Ltd"'],
  async run({ args, options }): Promise<CommandReport> {
    const checked = []
    for (const file of args.files) {
      const record = await readRecord(file)
      const isWindows = /\.(?:msi|exe)$/i.test(file)
      if (record === undefined && !isWindows)
        throw new CliError(exit.failed, `${file} has no record`, `Expected ${file}.json beside it.`)
      if (isWindows && record?.signed !== false) {
        const { publisher, timestamp } = await verifySignature(file, trustOf(options, options.publisher))
        checked.push({ file, text: `signed by ${publisher}, time stamp ${timestamp}` })
      } else if (record !== undefined) {
        if (options.publisher !== undefined && !record.signed)
          throw new CliError(exit.failed, `${file} is not signed`, 'Build it again with a certificate.')
        checked.push({ file, text: `its digest is right; ${stateOf(record)}` })
      }
    }
    const lines = checked.map(({ file, text }) => `+ ${file}  ${text}\n`)
    return { document: { ok: true, checked }, text: lines.join('') }
  },
})

const certificateCommand = defineCommand({
  name: 'certificate',
  summary:
    'Check a certificate for signing before it is used: key, usage, dates and chain. With --out, import it.',
  args: {},
  options: {
    ca: TRUST.ca,
    file: optional(
      filePath('file'),
      'The .pfx or .p12 file. Default: the text of WINDOWS_CERTIFICATE (or MACOS_CERTIFICATE), in Base64; its password is in WINDOWS_CERTIFICATE_PASSWORD.',
    ),
    for: withDefault(choice(['windows', 'macos']), 'windows', 'Whose variables are read.'),
    publisher: optional(string('name'), 'The common name that it must have.'),
    out: optional(filePath('file'), 'Write the archive here, for its owner alone, if every check passes.'),
  },
  effect: 'write',
  examples: ['runbook installer certificate --publisher "Example Ltd" --out signing.pfx'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { publisher, out } = options
    const prefix = `${options.for.toUpperCase()}_CERTIFICATE`
    const password = process.env[`${prefix}_PASSWORD`] ?? process.env['WINDOWS_PFX_PASSWORD'] ?? ''
    const temporary = join(tmpdir(), `certificate-${randomUUID()}`)
    try {
      const content = options.file === undefined ? decoded(prefix) : undefined
      if (content !== undefined) await writeFile(temporary, content, { mode: 0o600, flag: 'wx' })
      const certificate = await readArchive(options.file ?? temporary, password).catch((error: unknown) => {
        if (!(error instanceof CliError) || options.file !== undefined) throw error
        throw new CliError(
          error.exitCode,
          error.problem.message.replace(temporary, prefix),
          error.problem.hint ?? '',
        )
      })
      const trusted = await readTrusted(options.ca)
      const findings = judge(certificate, { trusted, publisher, now: new Date() })
      const ok = findings.every((one) => one.ok)
      const lines = findings.map((one) => `${one.ok ? '+' : '✕'} ${one.what.padEnd(9)} ${one.detail}\n`)
      if (ok && out !== undefined) {
        if (!dryRun && content !== undefined) await writeAtomically(out, content, 0o600)
        if (content === undefined)
          throw new CliError(
            exit.usage,
            '--out is for a certificate from a variable',
            'Leave out --file, or copy the file.',
          )
        lines.push(dryRun ? `$ would write ${out}\n` : `+ wrote ${out}, readable by its owner alone\n`)
      }
      const subject = commonName(certificate.leaf)
      return {
        document: { ok, subject, findings },
        text: `  ${subject}\n${lines.join('')}`,
        exitCode: ok ? 0 : 1,
        hint: 'Nothing was imported or signed. Ask the authority for a certificate that passes.',
      }
    } finally {
      await rm(temporary, { force: true })
    }
  },
})

function decoded(variable: string): Buffer {
  const text = (process.env[variable] ?? '').replaceAll(/\s/g, '')
  if (text === '')
    throw new CliError(
      exit.usage,
      `${variable} is not set, and there is no --file`,
      'Set it to the archive in Base64, or give --file.',
    )
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw new CliError(exit.usage, `${variable} is not Base64`, 'Make it with `base64 -w0 signing.pfx`.')
  return Buffer.from(text, 'base64')
}

const doctorCommand = defineCommand({
  name: 'doctor',
  summary:
    'Show what each kind of installer needs here, and what is bound to a platform. Exits with 1 when something is missing.',
  args: {},
  options: { for: optional(choice(['windows', 'macos', 'linux', 'substitute']), 'Only this kind.') },
  effect: 'read',
  examples: ['runbook installer doctor', 'runbook installer doctor --for windows'],
  async run({ options }): Promise<CommandReport> {
    const { env } = process
    const kinds = {
      windows: windowsNeeds(Object.values(WINDOWS_FORMATS), true, env),
      macos: macosNeeds(true, env),
      linux: linuxNeeds(Object.values(LINUX_FORMATS), env),
      substitute: substituteNeeds(env),
    }
    const shown = Object.entries(kinds).filter(([kind]) => options.for === undefined || kind === options.for)
    const lines = shown.flatMap(([kind, needs]) => [
      `${kind}: ${BOUND[kind as keyof typeof kinds]}\n`,
      ...needs.map(({ what, ok, remedy }) => `  ${ok ? '✓' : '✗'} ${what}${ok ? '' : `. ${remedy}`}\n`),
    ])
    const ok = shown.every(([, needs]) => needs.every((one) => one.ok))
    return { document: { ok, ...Object.fromEntries(shown) }, text: lines.join(''), exitCode: ok ? 0 : 1 }
  },
})

/** The platforms that bind each kind. */
const BOUND = {
  windows:
    'made and signed on any system; signtool and Inno Setup, which build_msi.ps1 calls, exist only on Windows',
  macos: 'signing and notarizing are bound to macOS; elsewhere only the dry run works',
  linux: 'made where dpkg-deb and rpmbuild are',
  substitute: 'an unsigned image, made on any system, which is not a release',
}

export const checkCommands = [verifyCommand, certificateCommand, doctorCommand]
