import { many, optional, required, withDefault } from '../../../runner/kit/command.ts'
import type { CommandReport, Values } from '../../../runner/kit/command.ts'
import { filePath, httpUrl, semver, string } from '../../../runner/kit/types.ts'
import { AUTHORITIES, type Trust } from './authenticode.ts'
import type { Made } from './build-windows.ts'
import type { InstallerRecord } from './installer-record.ts'
import { type Payload, readPayload } from './payload.ts'

/** The options of every build. */
export const BUILD = {
  version: required(semver, 'The version to pack; must be the one in package.json.'),
  repository: withDefault(filePath('folder'), '.', 'The git repository of the product.'),
  ref: withDefault(string('ref'), 'HEAD', 'Commit, tag or branch to pack.'),
  payload: optional(
    filePath('folder'),
    'The folder that a build of the product has made, such as that of Flutter or Electron. Default: `src` of the commit.',
  ),
  title: optional(
    string('name'),
    'The name that people see. Default: `productName` in package.json, else its name.',
  ),
  publisher: optional(string('name'), 'Who publishes it. Default: the author in package.json.'),
  out: withDefault(filePath('folder'), 'build', 'The folder that gets windows/, macos/ or linux/.'),
}

/** The system's authorities, as Debian and macOS have them. */
const SYSTEM_CA = process.platform === 'darwin' ? '/etc/ssl/cert.pem' : '/etc/ssl/certs/ca-certificates.crt'

/** Whom a signature must come from. */
export const TRUST = {
  ca: withDefault(
    filePath('file'),
    SYSTEM_CA,
    'Certificates of the authorities that may issue the certificate, in PEM.',
  ),
  timestampCa: optional(filePath('file'), 'The same for time stamps. Default: --ca.'),
}

export const SIGN = {
  ...TRUST,
  timestamp: many(
    httpUrl,
    `An RFC 3161 time-stamp authority; the next one is asked when one fails. Default: ${AUTHORITIES.join(', ')}.`,
  ),
}

export function trustOf(options: Values<typeof TRUST>, publisher: string | undefined): Trust {
  return { ca: options.ca, timestampCa: options.timestampCa ?? options.ca, publisher }
}

export async function payloadOf(options: Values<typeof BUILD>): Promise<Payload> {
  const { repository, ref, version, payload, title, publisher } = options
  return await readPayload({ repository, ref, version, payload, title, publisher })
}

/** The words for the state of an installer, which never say more than a verifier has said. */
export function stateOf(record: InstallerRecord): string {
  const { signed, publisher, timestamp, notarized, rehearsal, substitute, platform } = record
  if (substitute)
    return 'unsigned (substitute: an image of ISO 9660, which macOS does not accept as a release)'
  if (!signed) return platform === 'linux' ? 'not signed; sign the repository it goes to' : 'not signed'
  const by = publisher === undefined ? 'signed' : `signed by ${publisher}`
  const at = timestamp === undefined ? '' : `, time stamp ${timestamp}`
  return `${by}${at}${notarized ? ', notarized' : ''}${rehearsal ? '; a rehearsal: no system trusts the certificate' : ''}`
}

/** The report of a build. */
export function reportOf(made: readonly Made[], folder: string): CommandReport {
  const lines = made.flatMap(({ record, isNew, refused }) => [
    ...refused.map((why) => `! ${why}\n`),
    `${isNew ? '+' : '='} ${folder}/${record.name}  ${record.size} bytes, ${stateOf(record)}\n`,
  ])
  return {
    document: { ok: true, installers: made.map(({ record, isNew }) => ({ ...record, isNew })) },
    text: lines.join(''),
  }
}

/** The report of a dry run: the commands as a real run would call them, and what is missing for them. */
export function planOf(of: {
  commands: readonly (readonly string[])[]
  files: readonly string[]
  notes: readonly string[]
  missing: readonly string[]
}): CommandReport {
  const { commands, files, notes, missing } = of
  const lines = [
    ...commands.map((argv) => `$ ${argv.map(quoted).join(' ')}\n`),
    ...files.map((file) => `$ would write ${file}, its .sha256 and its .json\n`),
    ...notes.map((note) => `- ${note}\n`),
    ...missing.map((what) => `! missing: ${what}\n`),
  ]
  return { document: { ok: true, dryRun: true, commands, files, notes, missing }, text: lines.join('') }
}

/** A word as a shell takes it; one with a variable stays open to it. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return /\$[A-Z]/.test(word) ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
