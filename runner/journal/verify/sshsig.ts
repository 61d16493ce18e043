import { createHash } from 'node:crypto'

/** The statements of an armored SSH signature (PROTOCOL.sshsig); this does not verify it. */
export interface SshSignature {
  /** The public key in the form of SSH: its type, then what belongs to that type. */
  key: Buffer
  namespace: string
  reserved: Buffer
  /** `sha256` or `sha512`: how the text was hashed before it was signed. */
  hash: string
  /** Type of the signature, such as `ssh-ed25519`, and its bytes. */
  type: string
  bytes: Buffer
  /** Further data of the type, after its bytes; empty unless the key is a security key. */
  more: Buffer
}

/** Reads an armored SSH signature; undefined for a text of another form. */
export function readSshSignature(armored: string): SshSignature | undefined {
  const body = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]*)\n-----END SSH SIGNATURE-----\s*$/.exec(
    armored,
  )?.[1]
  const blob = Buffer.from(body ?? '', 'base64')
  if (blob.subarray(0, 6).toString('latin1') !== 'SSHSIG' || blob.length < 10 || blob.readUInt32BE(6) !== 1)
    return undefined
  const [key, namespace, reserved, hash, signature, ...others] = sshFields(blob.subarray(10)) ?? []
  if (!key || !namespace || !reserved || !hash || !signature || others.length > 0) return undefined
  const type = firstField(signature)
  const bytes = type && firstField(type.rest)
  if (!bytes) return undefined
  const words = (field: Buffer): string => field.toString('latin1')
  return {
    key,
    namespace: words(namespace),
    reserved,
    hash: words(hash),
    type: words(type.field),
    bytes: bytes.field,
    more: bytes.rest,
  }
}

/** The first field of an SSH structure, a length and as many bytes; undefined where it is cut. */
function firstField(blob: Buffer): { field: Buffer; rest: Buffer } | undefined {
  const end = blob.length < 4 ? Infinity : 4 + blob.readUInt32BE(0)
  return end > blob.length ? undefined : { field: blob.subarray(4, end), rest: blob.subarray(end) }
}

/** The fields of an SSH structure; undefined where they do not fill it. */
export function sshFields(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = []
  for (let left = blob; left.length > 0;) {
    const first = firstField(left)
    if (!first) return undefined
    fields.push(first.field)
    left = first.rest
  }
  return fields
}

/** An SSH structure of fields. */
export function sshStructure(...fields: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

const certificate = /^((?:sk-)?(?:ssh|ecdsa)-[a-z0-9-]+?)-cert-v\d\d@openssh\.com$/

/** How many fields a public key has behind its type, by the beginning of that. */
const partsOf = { 'ssh-ed25519': 1, 'ssh-rsa': 2, 'ecdsa-': 2, 'sk-ssh-': 2, 'sk-ecdsa-': 3 }

/**
 * The key of an SSH structure. One in a certificate is taken out of it: it is the same key, whatever names certificates are
 * issued for.
 */
function plainKey(key: Buffer): Buffer {
  const [type, , ...parts] = leadingFields(key)
  const base = certificate.exec(type?.toString('latin1') ?? '')?.[1]
  const [, count] = Object.entries(partsOf).find(([start]) => base?.startsWith(start) === true) ?? []
  if (base === undefined || count === undefined || parts.length < count) return key
  return sshStructure(base.startsWith('sk-') ? `${base}@openssh.com` : base, ...parts.slice(0, count))
}

/** The fields an SSH structure begins with, up to what is none. */
function leadingFields(blob: Buffer): Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at + 4 <= blob.length;) {
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) break
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

/**
 * Type and fingerprint of the key an armored SSH signature states, such as `ssh-ed25519 SHA256:…`, in the form
 * `ssh-keygen -l` prints. Undefined for a text of another form.
 */
export function keyOf(armored: string): string | undefined {
  const { key } = readSshSignature(armored) ?? {}
  return key && keyName(key)
}

/** Type and fingerprint of a public key in the form of SSH; undefined for another form. */
export function keyName(given: Buffer): string | undefined {
  const key = plainKey(given)
  const type = sshFields(key)?.[0]?.toString('latin1')
  if (type === undefined || !/^[\w@.-]{1,64}$/.test(type)) return undefined
  return `${type} SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The bytes that an SSH signature over a text signs, by sha512 (PROTOCOL.sshsig). */
export function signedBytes(namespace: string, text: string): Buffer {
  const digest = createHash('sha512').update(text).digest()
  return Buffer.concat([Buffer.from('SSHSIG'), sshStructure(namespace, '', 'sha512', digest)])
}
