import { createHash } from 'node:crypto'

/**
 * Type and fingerprint of the key an armored SSH signature states, such as `ssh-ed25519 SHA256:…`, in the form
 * `ssh-keygen -l` prints. It says nothing about whether the signature holds. Undefined for a text of another form.
 */
export function keyOf(armored: string): string | undefined {
  const body = /^-----BEGIN SSH SIGNATURE-----\n([\s\S]*)\n-----END SSH SIGNATURE-----\s*$/.exec(armored)?.[1]
  const blob = Buffer.from(body ?? '', 'base64')
  // PROTOCOL.sshsig: the magic bytes, a version, then the public key as a string.
  if (blob.subarray(0, 6).toString('latin1') !== 'SSHSIG' || blob.length < 18) return undefined
  const key = blob.subarray(14, 14 + blob.readUInt32BE(10))
  if (key.length < 4) return undefined
  const type = key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
  if (!/^[\w@.-]{1,64}$/.test(type)) return undefined
  return `${type} SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}
