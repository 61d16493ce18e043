import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { endOf } from '../../lib/tool.ts'

/** One thing that a certificate must have, and whether it has it. */
export interface Finding {
  what: 'key' | 'usage' | 'validity' | 'chain' | 'publisher'
  ok: boolean
  detail: string
}

/** A certificate with its key, as an archive (.pfx, .p12) holds them. */
export interface SigningCertificate {
  leaf: X509Certificate
  others: X509Certificate[]
  key: KeyObject
}

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const DAY_MS = 86_400_000
/** From this many days on, a certificate that ends is told of. */
const SOON_DAYS = 30

/** Reads a .pfx or .p12 file. The password goes by the environment, because every user may list processes. @throws {CliError} */
export async function readArchive(file: string, password: string): Promise<SigningCertificate> {
  const env = { ARCHIVE_PASSWORD: password }
  const args = ['pkcs12', '-in', file, '-nodes', '-passin', 'env:ARCHIVE_PASSWORD']
  let ran = await endOf('openssl', args, { env })
  // Archives of older systems are encrypted as OpenSSL 3 reads only when it is asked to.
  if (ran.code !== 0 && /unsupported/i.test(ran.stderr))
    ran = await endOf('openssl', [...args, '-legacy'], { env })
  if (ran.code !== 0)
    throw new CliError(
      exit.failed,
      `${file} cannot be opened: ${/invalid password|mac verify/i.test(ran.stderr) ? 'the password is wrong' : (ran.stderr.trim().split('\n')[0] ?? '')}`,
      'Export the certificate with its key again, and check the password.',
    )
  const key = /-----BEGIN (?:\w+ )*PRIVATE KEY-----[\s\S]+?-----END (?:\w+ )*PRIVATE KEY-----/.exec(
    ran.stdout,
  )
  const blocks = ran.stdout.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  const all = blocks.map((text) => new X509Certificate(text))
  if (key === null || all.length === 0)
    throw new CliError(
      exit.failed,
      `${file} has no ${key === null ? 'private key' : 'certificate'}`,
      'Export the certificate again, together with its private key.',
    )
  const privateKey = createPrivateKey(key[0])
  const leaf = all.find((one) => one.checkPrivateKey(privateKey)) ?? all.find(({ ca }) => !ca) ?? all[0]
  if (leaf === undefined) throw new CliError(exit.internal, 'The certificate is missing', '')
  return { leaf, others: all.filter((one) => one !== leaf), key: privateKey }
}

/** The certificates of a file. @throws {CliError} when it has none */
export async function readTrusted(file: string): Promise<X509Certificate[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > 0) return blocks.map((one) => new X509Certificate(one))
  throw new CliError(
    exit.failed,
    `${file} has no certificates`,
    'Name the file of the authorities that may issue the certificate, in PEM.',
  )
}

/** Judges a certificate before anything is signed with it: every finding, not only the first. */
export function judge(
  { leaf, others, key }: SigningCertificate,
  {
    trusted,
    publisher,
    now,
  }: { trusted: readonly X509Certificate[]; publisher: string | undefined; now: Date },
): Finding[] {
  const name = commonName(leaf)
  const matches = leaf.checkPrivateKey(key)
  const usages: readonly string[] = leaf.keyUsage ?? []
  const chain = chainOf(leaf, others, trusted, now)
  return [
    {
      what: 'key',
      ok: matches,
      detail: matches ? 'is that of the certificate' : 'is that of another certificate',
    },
    {
      what: 'usage',
      ok: usages.includes(CODE_SIGNING),
      detail: usages.includes(CODE_SIGNING)
        ? 'code signing'
        : `expected code signing (${CODE_SIGNING}), not ${usages.length === 0 ? 'a certificate without an extended key usage' : usages.join(', ')}`,
    },
    { what: 'validity', ...validity(leaf, now) },
    { what: 'chain', ...chain },
    ...(publisher === undefined
      ? []
      : [
          {
            what: 'publisher' as const,
            ok: name === publisher,
            detail: name === publisher ? name : `expected \`${publisher}\`, not \`${name}\``,
          },
        ]),
  ]
}

/** The common name of whom a certificate is for. */
export function commonName({ subject }: X509Certificate): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ')
}

function validity(
  { validFromDate, validToDate }: X509Certificate,
  now: Date,
): { ok: boolean; detail: string } {
  const [from, to] = [validFromDate, validToDate].map((date) => date.toISOString().slice(0, 10))
  if (now < validFromDate) return { ok: false, detail: `begins on ${from}` }
  if (now > validToDate) return { ok: false, detail: `ended on ${to}` }
  const days = Math.floor((validToDate.getTime() - now.getTime()) / DAY_MS)
  return { ok: true, detail: `until ${to}, ${days} days${days < SOON_DAYS ? ': renew it soon' : ''}` }
}

/** Walks from the certificate to one that is trusted. */
function chainOf(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  now: Date,
): { ok: boolean; detail: string } {
  const names = [commonName(leaf)]
  let at = leaf
  for (let length = 0; length < 10; length += 1) {
    const issuer = [...trusted, ...others].find(
      (one) => one.ca && at.checkIssued(one) && at.verify(one.publicKey),
    )
    if (issuer === undefined)
      return { ok: false, detail: `${names.join(' ← ')}, whose issuer ${issuerName(at)} is not there` }
    names.push(commonName(issuer))
    if (now > issuer.validToDate)
      return {
        ok: false,
        detail: `${names.join(' ← ')}, which ended on ${issuer.validToDate.toISOString().slice(0, 10)}`,
      }
    if (trusted.includes(issuer)) return { ok: true, detail: names.join(' ← ') }
    if (issuer.fingerprint256 === at.fingerprint256) break
    at = issuer
  }
  return { ok: false, detail: `${names.join(' ← ')}, which is not trusted` }
}

function issuerName({ issuer }: X509Certificate): string {
  return /^CN=(.+)$/m.exec(issuer)?.[1] ?? issuer.replaceAll('\n', ', ')
}
