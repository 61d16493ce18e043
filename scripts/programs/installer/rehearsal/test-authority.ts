import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../../../lib/tool.ts'
import { makeFolder } from '../../../../runner/make-folder.ts'

/** Certificates that were made for the occasion. No system trusts them. */
export interface TestAuthority {
  /** The certificate of the authority. */
  ca: string
  /** An archive with a certificate that may sign code, and its key. */
  pfx: string
  password: string
  /** A certificate that may sign time stamps, and its key. */
  timestamping: { certificate: string; key: string }
}

/** The use of a certificate, and how it differs from a sound one. */
interface CertificateRequest {
  commonName: string
  usage: string
  /** Days from today; a negative number has ended. Default 2. */
  days?: number
}

/** Makes an authority in a folder, with a certificate for code and one for time stamps. */
export async function testAuthority(folder: string, publisher: string): Promise<TestAuthority> {
  makeFolder(folder)
  const ca = join(folder, 'ca.pem')
  const self = ['-subj', '/CN=Rehearsal CA, trusted by no system', '-addext', 'keyUsage=critical,keyCertSign']
  await openssl(['req', '-x509', ...newKey(join(folder, 'ca.key')), '-out', ca, '-days', '3', ...self])
  const timestamping = await issue(folder, 'timestamp', {
    commonName: 'Rehearsal time-stamp authority',
    usage: 'critical,timeStamping',
  })
  const pfx = join(folder, 'signing.pfx')
  const password = randomBytes(16).toString('hex')
  const signing = await issue(folder, 'signing', { commonName: publisher, usage: 'codeSigning' })
  await archive(pfx, password, signing.certificate, signing.key, ca)
  return { ca, pfx, password, timestamping }
}

/**
 * Issues a certificate of the authority in a folder.
 * @internal
 */
export async function issue(
  folder: string,
  name: string,
  { commonName, usage, days = 2 }: CertificateRequest,
): Promise<{ certificate: string; key: string }> {
  const [key, request, certificate, extensions] = ['key', 'csr', 'pem', 'ext'].map((one) =>
    join(folder, `${name}.${one}`),
  ) as [string, string, string, string]
  const subject = `/CN=${commonName.replaceAll(/[/\\]/g, ' ')}`
  await openssl(['req', ...newKey(key), '-out', request, '-subj', subject])
  await writeFile(
    extensions,
    `basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=${usage}\n`,
  )
  const issuer = ['-CA', join(folder, 'ca.pem'), '-CAkey', join(folder, 'ca.key'), '-CAcreateserial']
  await openssl([
    'x509',
    '-req',
    '-in',
    request,
    ...issuer,
    '-days',
    String(days),
    '-extfile',
    extensions,
    '-out',
    certificate,
  ])
  return { certificate, key }
}

/**
 * Packs a certificate and its key, with the certificate of the issuer.
 * @internal
 */
export async function archive(
  pfx: string,
  password: string,
  certificate: string,
  key: string,
  ca: string,
): Promise<void> {
  const env = { ARCHIVE_PASSWORD: password }
  const args = [
    'pkcs12',
    '-export',
    '-inkey',
    key,
    '-in',
    certificate,
    '-certfile',
    ca,
    '-passout',
    'env:ARCHIVE_PASSWORD',
  ]
  await runTool('openssl', [...args, '-out', pfx], { env })
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', file]
}

async function openssl(args: readonly string[]): Promise<void> {
  await runTool('openssl', args)
}
