import { createPublicKey } from 'node:crypto'
import { sshStructure } from '../../journal/verify/sshsig.ts'
import type { Assertion } from '../../model/people/signing-request.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'

const keyType = 'sk-ecdsa-sha2-nistp256@openssh.com'
const signatureType = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com'

/** The public key of a passkey in the form of SSH. `spki` is DER of a P-256 key, `host` the host of its page. */
export function passkeyFromSpki(spki: Buffer, host: string): Outcome<Buffer> {
  try {
    const {
      crv,
      x = '',
      y = '',
    } = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({
      format: 'jwk',
    })
    if (crv !== 'P-256') return failure('The passkey is not an ECDSA key over P-256')
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    return success(sshStructure(keyType, 'nistp256', point, host))
  } catch {
    return failure('The public key of the passkey cannot be read')
  }
}

/** A line of allowed_signers. The comment names the passkey to pages; `ssh-keygen` ignores it. */
export function passkeyLine(
  person: string,
  namespaces: readonly string[],
  { key, credential }: { key: Buffer; credential: string },
): string {
  return `${person} namespaces="${namespaces.join(',')}" ${keyType} ${key.toString('base64')} webauthn:${credential}`
}

/**
 * The armored SSH signature that `ssh-keygen -Y verify` judges, made from what a passkey signed in a browser. Its
 * challenge must be the text that SSH signs (PROTOCOL.sshsig, with sha512). This does not judge it.
 */
export function wrapAssertion(
  key: Buffer,
  namespace: string,
  { authenticatorData, clientDataJSON, signature }: Assertion,
): Outcome<string> {
  const authenticator = Buffer.from(authenticatorData, 'base64url')
  const client = Buffer.from(clientDataJSON, 'base64url')
  const numbers = derNumbers(Buffer.from(signature, 'base64url'))
  const origin = originIn(client)
  if (authenticator.length < 37 || !numbers || origin === undefined)
    return failure('The answer of the passkey is not an assertion by ES256')
  const signed = Buffer.concat([
    sshStructure(signatureType, sshStructure(...numbers)),
    authenticator.subarray(32, 37),
    sshStructure(origin, client, authenticator.subarray(37)),
  ])
  const fields = sshStructure(key, namespace, '', 'sha512', signed)
  return success(armored(Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), fields])))
}

/** The two numbers of an ECDSA signature in DER. Over P-256 each length is below 128; SSH writes them the same. */
function derNumbers(der: Buffer): [Buffer, Buffer] | undefined {
  const first = der[3] ?? 0
  const second = der[5 + first] ?? 0
  const isSequence = der[0] === 0x30 && der[1] === der.length - 2 && der.length === 6 + first + second
  if (!isSequence || der[2] !== 2 || der[4 + first] !== 2) return undefined
  return [der.subarray(4, 4 + first), der.subarray(6 + first)]
}

function originIn(client: Buffer): string | undefined {
  try {
    const { origin } = JSON.parse(client.toString('utf8')) as { origin?: unknown }
    return typeof origin === 'string' ? origin : undefined
  } catch {
    return undefined
  }
}

function armored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}
