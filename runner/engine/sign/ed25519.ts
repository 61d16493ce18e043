import { createPublicKey, hash, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readSshSignature, sshFields, sshStructure } from '../../journal/verify/sshsig.ts'
import type { SshSignature } from '../../journal/verify/sshsig.ts'
import type { SignatureRequest } from '../../journal/verify/rules/signatures.ts'
import type { Trust } from './ssh-keygen.ts'
import { textOf } from '../../regular-file.ts'

/**
 * Judges the signatures that nearly all runs carry, those by plain ed25519 keys, without a process: an audit asks about
 * thousands. It accepts only where `ssh-keygen -Y verify` does, by the plainest lines of allowed_signers alone; whatever
 * else it meets is for `ssh-keygen` to judge.
 */
export function plainVerifier(trust: Trust): (request: SignatureRequest) => boolean {
  const lines = plainLines(trust.signers)
  const revoked = trust.revoked === undefined ? new Set<string>() : revokedKeys(trust.revoked)
  const keys = new Map<string, KeyObject | undefined>()
  return (request) => {
    const signature = readSshSignature(request.signature)
    if (!signature || !revoked || signature.namespace !== request.namespace) return false
    const key = signature.key.toString('base64')
    const line = lines.find((one) => isFor(one, key, request))
    if (!line || revoked.has(key)) return false
    if (!keys.has(key)) keys.set(key, publicKeyOf(signature.key))
    const publicKey = keys.get(key)
    return publicKey !== undefined && signatureHolds(signature, publicKey, request.message)
  }
}

/** Whether a signature by a plain ed25519 key signs a text, whoever's key it is; false for another type of key too. */
export function signsPlainly(armored: string, namespace: string, text: string): boolean {
  const signature = readSshSignature(armored)
  if (!signature || signature.namespace !== namespace) return false
  const key = publicKeyOf(signature.key)
  return key !== undefined && signatureHolds(signature, key, text)
}

interface SignerLine {
  principal: string
  /** Undefined where the key may sign for every purpose. */
  namespaces: readonly string[] | undefined
  /** Fourteen digits each, UTC; the first and the last moment. */
  after: string
  before: string
  key: string
}

const plainLine =
  /^(?<principal>[A-Za-z0-9@._+-]+)[ \t]+(?:(?<options>[a-z-]+="[^"\\*?!]*"(?:,[a-z-]+="[^"\\*?!]*")*)[ \t]+)?ssh-ed25519[ \t]+(?<key>[A-Za-z0-9+/]+=*)(?:[ \t].*)?$/

/** The lines that can be read here, up to the first that cannot: what follows it is judged by what reads it. */
function plainLines(file: string): SignerLine[] {
  const lines: SignerLine[] = []
  for (const raw of textOf(file).split(/\r?\n/)) {
    const text = raw.trim()
    if (text === '' || text.startsWith('#')) continue
    const line = readLine(text)
    if (!line) return lines
    lines.push(line)
  }
  return lines
}

function readLine(text: string): SignerLine | undefined {
  const { principal = '', options = '', key = '' } = plainLine.exec(text)?.groups ?? {}
  if (principal === '') return undefined
  const read: SignerLine = {
    principal,
    namespaces: undefined,
    after: ''.padEnd(14, '0'),
    before: ''.padEnd(14, '9'),
    key: Buffer.from(key, 'base64').toString('base64'),
  }
  for (const [, name, value = ''] of options.matchAll(/([a-z-]+)="([^"]*)"/g)) {
    if (name === 'namespaces') read.namespaces = value.split(',')
    else if (!/^(\d{8}|\d{12}|\d{14})Z?$/.test(value)) return undefined
    else if (name === 'valid-after') read.after = value.replace('Z', '').padEnd(14, '0')
    else if (name === 'valid-before') read.before = value.replace('Z', '').padEnd(14, '0')
    else return undefined
  }
  return read
}

function isFor(line: SignerLine, key: string, { principal, namespace, at }: SignatureRequest): boolean {
  const time = at.replaceAll(/\D/g, '').slice(0, 14)
  return (
    line.key === key &&
    line.principal === principal &&
    (line.namespaces?.includes(namespace) ?? true) &&
    time.length === 14 &&
    time >= line.after &&
    time < line.before
  )
}

/** The keys of a list of plain public keys; undefined for one that only `ssh-keygen` can read. */
function revokedKeys(file: string): ReadonlySet<string> | undefined {
  const keys = new Set<string>()
  for (const text of textOf(file).split(/\r?\n/)) {
    if (text.trim() === '' || text.startsWith('#')) continue
    const key = /^(?:ssh-|ecdsa-|sk-)\S+[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t].*)?$/.exec(text)?.[1]
    if (key === undefined) return undefined
    keys.add(Buffer.from(key, 'base64').toString('base64'))
  }
  return keys
}

/** The wrapper of the key of an ed25519 signature for the platform. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** The key of an SSH structure as the platform takes it; undefined for another type of key. */
function publicKeyOf(key: Buffer): KeyObject | undefined {
  const [type, raw, ...rest] = sshFields(key) ?? []
  if (type?.toString('latin1') !== 'ssh-ed25519' || raw?.length !== 32 || rest.length > 0) return undefined
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' })
}

function signatureHolds(signature: SshSignature, key: KeyObject, text: string): boolean {
  const { namespace, reserved, hash: algorithm, type, bytes, more } = signature
  const isPlain =
    type === 'ssh-ed25519' &&
    bytes.length === 64 &&
    more.length === 0 &&
    reserved.length === 0 &&
    (algorithm === 'sha512' || algorithm === 'sha256')
  if (!isPlain) return false
  const digest = hash(algorithm, text, 'buffer')
  const signed = Buffer.concat([Buffer.from('SSHSIG'), sshStructure(namespace, '', algorithm, digest)])
  return verify(null, signed, key, bytes)
}
