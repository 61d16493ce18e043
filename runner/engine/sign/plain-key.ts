import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { sshFields, sshStructure, signedBytes } from '../../journal/verify/sshsig.ts'

/**
 * Signs a text with a file that holds an Ed25519 key without a passphrase, as `ssh-keygen -Y sign` does and to the same
 * bytes, without a process: `ssh-keygen` refuses an account that has no name, as in a container. Undefined for every
 * other file, also for one that others may read: those are for `ssh-keygen` to judge.
 */
export function signPlainly(file: string, namespace: string, text: string): string | undefined {
  const key = plainKeyIn(file)
  if (!key) return undefined
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), key.seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const signature = sshStructure('ssh-ed25519', sign(null, signedBytes(namespace, text), privateKey))
  const version = Buffer.from([0, 0, 0, 1])
  const blob = [
    Buffer.from('SSHSIG'),
    version,
    sshStructure(sshStructure('ssh-ed25519', key.public), namespace, '', 'sha512', signature),
  ]
  const lines =
    Buffer.concat(blob)
      .toString('base64')
      .match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}

interface PlainKey {
  public: Buffer
  seed: Buffer
}

const envelope =
  /^-----BEGIN OPENSSH PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END OPENSSH PRIVATE KEY-----\s*$/
const magic = 'openssh-key-v1\0'

function plainKeyIn(file: string): PlainKey | undefined {
  try {
    if ((statSync(file).mode & 0o077) !== 0) return undefined
    const blob = Buffer.from(envelope.exec(readFileSync(file, 'latin1'))?.[1] ?? '', 'base64')
    return blob.subarray(0, magic.length).toString('latin1') === magic
      ? plainKeyOf(blob.subarray(magic.length))
      : undefined
  } catch {
    return undefined
  }
}

/** The one key of an OpenSSH key file (PROTOCOL.key): cipher, kdf and its options, a count, public and private part. */
function plainKeyOf(blob: Buffer): PlainKey | undefined {
  const head = ['none', 'none', ''].map((field) => sshStructure(field))
  const start = Buffer.concat([...head, Buffer.from([0, 0, 0, 1])])
  if (!blob.subarray(0, start.length).equals(start)) return undefined
  const [, secret, ...others] = sshFields(blob.subarray(start.length)) ?? []
  // Two equal numbers are first; padding is last.
  if (!secret || others.length > 0 || !secret.subarray(0, 4).equals(secret.subarray(4, 8))) return undefined
  const length = 4 + 11 + 4 + 32 + 4 + 64
  const [type, publicKey, pair] = sshFields(secret.subarray(8, 8 + length)) ?? []
  if (type?.toString('latin1') !== 'ssh-ed25519' || publicKey?.length !== 32 || pair?.length !== 64)
    return undefined
  return { public: publicKey, seed: pair.subarray(0, 32) }
}
