import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** An ed25519 key that signs as `ssh-keygen -Y sign` does, without a process: the suite signs thousands of texts. */
export interface TestKey {
  privateKey: KeyObject
  /** As in allowed_signers: `ssh-ed25519 AAAA…`. */
  line: string
  blob: Buffer
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

export function sshSign({ privateKey, blob }: TestKey, namespace: string, text: string): string {
  const about = [field(namespace), field(''), field('sha512')]
  const digest = createHash('sha512').update(text).digest()
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...about, field(digest)])
  const signature = Buffer.concat([field('ssh-ed25519'), field(sign(null, signed, privateKey))])
  const version = Buffer.from([0, 0, 0, 1])
  const whole = Buffer.concat([Buffer.from('SSHSIG'), version, field(blob), ...about, field(signature)])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}
