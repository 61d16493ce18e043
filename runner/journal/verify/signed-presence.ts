import { readSshSignature, sshFields } from './sshsig.ts'
import type { SshSignature } from './sshsig.ts'

/** The presence of a person that a signature states. */
export interface SignedPresence {
  /** `key`: by a key that signs without a touch, so it does not show that a person was there. */
  level: 'key' | 'none' | 'touch' | 'verified'
  /** `hub`: on a page of another machine, which can show one text and have another signed. */
  place: 'own' | 'hub'
  /** The page a browser signed on, such as `http://localhost:4321`; undefined where no browser signed. */
  origin: string | undefined
}

/** The types of keys that ask for a touch, as SSH names them. */
const touched = ['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com']
const byBrowser = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com'

/**
 * Reads the presence that a signature states, from flags that the security key itself has signed. It is valid only after
 * `ssh-keygen -Y verify` accepted the signature. Undefined for a text of another form, and for
 * one that a browser made for another host than the key's. The recipe (checks.jq) reads the same.
 */
export function presenceOf(armored: string): SignedPresence | undefined {
  const signature = readSshSignature(armored)
  if (!signature || !isExact(armored)) return undefined
  const fields = sshFields(signature.key)
  const type = fields?.[0]?.toString('latin1') ?? ''
  const application = fields?.at(-1)?.toString('latin1') ?? ''
  if (!type.includes('sk-'))
    return /^[\w@.-]+$/.test(type) ? { level: 'key', place: 'own', origin: undefined } : undefined
  if (!touched.includes(type)) return undefined
  const origin = signature.type === type ? byProgram(signature, application) : byPage(signature, application)
  if (origin === undefined) return undefined
  const flags = signature.more[0] ?? 0
  return {
    level: (flags & 5) === 5 ? 'verified' : (flags & 1) === 1 ? 'touch' : 'none',
    place: origin === '' || application === 'localhost' ? 'own' : 'hub',
    origin: origin || undefined,
  }
}

/** Whether a text is base64 in the one way to write its bytes: another could be read in two. */
function isExact(armored: string): boolean {
  const body = armored
    .split('\n')
    .filter((line) => !line.startsWith('-----'))
    .join('')
  return Buffer.from(body, 'base64').toString('base64') === body
}

/**
 * Empty for what a program had signed: flags and counter, by a key for SSH. A key that is for web pages signs for those
 * alone; any local program can ask it for the other form, without a page.
 */
function byProgram({ more }: SshSignature, application: string): '' | undefined {
  return more.length === 5 && application.startsWith('ssh:') ? '' : undefined
}

/** The page that had it signed, when it is of the very host the key is for. `ssh-keygen` takes a sibling host too. */
function byPage({ type, more }: SshSignature, host: string): string | undefined {
  const [page, client, , ...others] = sshFields(more.subarray(5)) ?? []
  if (type !== byBrowser || !page || !client || more.length < 17 || others.length > 0) return undefined
  const origin = clientData.exec(client.toString('latin1'))?.groups?.['origin']
  if (origin === undefined || origin !== page.toString('latin1')) return undefined
  const [, scheme = '', name = ''] = pageOrigin.exec(origin) ?? []
  if (name !== host) return undefined
  return scheme === 'https' || (scheme === 'http' && host === 'localhost') ? origin : undefined
}

/** As browsers write it (WebAuthn, limited verification), for a page that is not within another. */
const clientData =
  /^\{"type":"webauthn\.get","challenge":"[\w-]+","origin":"(?<origin>[^"\\]+)"(?:,"crossOrigin":false)?(?:,(?:(?!"crossOrigin"|"topOrigin"|"origin"|"type")[ -[\]-~])+)?\}$/
const pageOrigin = /^(https?):\/\/([a-z0-9][a-z0-9.-]*)(?::\d{1,5})?$/
