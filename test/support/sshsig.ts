import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** An ed25519 key that signs as `ssh-keygen -Y sign` does, without a process: the suite signs thousands of texts. */
export interface TestKey {
  privateKey: KeyObject
  /** As in allowed_signers: `ssh-ed25519 AAAA…`. */
  line: string
  blob: Buffer
  /** Signs in another way than ed25519 does. */
  sign?(namespace: string, text: string): string
}

const field = (value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

export function newKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const blob = Buffer.concat([field('ssh-ed25519'), field(raw)])
  return { privateKey, line: `ssh-ed25519 ${blob.toString('base64')}`, blob }
}

export function sshSign({ privateKey, blob, sign: own }: TestKey, namespace: string, text: string): string {
  if (own) return own(namespace, text)
  const about = [field(namespace), field(''), field('sha512')]
  const digest = createHash('sha512').update(text).digest()
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...about, field(digest)])
  const signature = Buffer.concat([field('ssh-ed25519'), field(sign(null, signed, privateKey))])
  return armor(Buffer.concat([field(blob), ...about, field(signature)]))
}

/** The text that SSH signs. */
function toBeSigned(namespace: string, text: string): Buffer {
  const digest = createHash('sha512').update(text).digest()
  return Buffer.concat([Buffer.from('SSHSIG'), ...[namespace, '', 'sha512', digest].map(field)])
}

function armor(fields: Buffer): string {
  const whole = Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), fields])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}

const sha256 = (of: Buffer | string): Buffer => createHash('sha256').update(of).digest()

/** A security key made of software: it states whatever flags it is told to, 1 touched, 4 verified. */
export function newSecurityKey(flags: number, application = 'ssh:runbook'): TestKey {
  const type = 'sk-ssh-ed25519@openssh.com'
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const blob = Buffer.concat([type, raw, application].map(field))
  return {
    privateKey,
    blob,
    line: `${type} ${blob.toString('base64')}`,
    sign(namespace, text) {
      const more = Buffer.from([flags, 0, 0, 0, 9])
      const signed = Buffer.concat([sha256(application), more, sha256(toBeSigned(namespace, text))])
      const signature = Buffer.concat([field(type), field(sign(null, signed, privateKey)), more])
      return armor(Buffer.concat([blob, namespace, '', 'sha512', signature].map(field)))
    },
  }
}

interface PasskeyWords {
  flags?: number
  /** The page that a browser says has asked. */
  origin?: string
  /** Other members of what the browser says. */
  client?: Record<string, unknown>
}

/** A passkey made of software for a host, with whatever a browser would say. */
export function newPasskey(host: string, { flags = 5, origin, client = {} }: PasskeyWords = {}): TestKey {
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com'
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)
  const blob = Buffer.concat([type, 'nistp256', point, host].map(field))
  const page = origin ?? (host === 'localhost' ? 'http://localhost:4321' : `https://${host}`)
  return {
    privateKey,
    blob,
    line: `${type} ${blob.toString('base64')}`,
    sign(namespace, text) {
      const challenge = toBeSigned(namespace, text).toString('base64url')
      const said = { type: 'webauthn.get', challenge, origin: page, crossOrigin: false, ...client }
      const clientData = Buffer.from(JSON.stringify(said))
      const authenticator = Buffer.concat([sha256(host), Buffer.from([flags, 0, 0, 0, 9])])
      const der = sign('sha256', Buffer.concat([authenticator, sha256(clientData)]), privateKey)
      const r = der.subarray(4, 4 + (der[3] ?? 0))
      const numbers = Buffer.concat([r, der.subarray(6 + r.length)].map(field))
      const signature = Buffer.concat([
        field('webauthn-sk-ecdsa-sha2-nistp256@openssh.com'),
        field(numbers),
        authenticator.subarray(32),
        ...[page, clientData, ''].map(field),
      ])
      return armor(Buffer.concat([blob, namespace, '', 'sha512', signature].map(field)))
    },
  }
}
