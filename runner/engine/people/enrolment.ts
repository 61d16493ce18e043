import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder } from '../../scratch-folder.ts'
import { canonical } from '../../journal/record/canonical.ts'
import { isObject, namespaces, parseJson } from '../../journal/verify/evidence.ts'
import { presenceOf } from '../../journal/verify/signed-presence.ts'
import { readSshSignature, sshFields } from '../../journal/verify/sshsig.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { SignedText } from '../../model/people/signing-request.ts'
import { passkeyFromSpki, passkeyLine, wrapAssertion } from '../sign/passkey.ts'
import type { Signer } from '../sign/signing-key.ts'
import { signatureChecker } from '../sign/ssh-keygen.ts'

/** The purposes that a person's security key is listed for; the head of a run is signed without a touch. */
const purposes = [namespaces.approval, namespaces.presence]

type Env = Record<string, string | undefined>

/** The line of allowed_signers for a security key that has just signed a statement about itself. */
export function enrolKey(by: string, signer: Signer, env: Env): Outcome<string> {
  const { key, statement } = trialOf(by, signer)
  if (!key) return failure(`The key ${signer.key} did not sign as a security key`)
  const type = sshFields(key)?.[0]?.toString('latin1') ?? ''
  const line = `${by} namespaces="${purposes.join(',')}" ${type} ${key.toString('base64')}`
  return proven(by, line, statement, env)
}

/** The key is known once it has signed, so the statement does not name it. */
function trialOf(by: string, signer: Signer): { key: Buffer | undefined; statement: Statement } {
  const text = canonical({ v: 1, purpose: 'enrol', by, ts: new Date().toISOString() })
  const signature = signer.sign(namespaces.presence, text)
  return { key: readSshSignature(signature)?.key, statement: { text, signature } }
}

/**
 * The line of allowed_signers for a passkey that a page has just made, and that has signed a statement about itself. `more` has
 * purposes beside those of decisions, and where the page is: by default on this machine.
 */
export function enrolPasskey(
  by: string,
  { text, credential, assertion, spki = '' }: SignedText & { spki?: string | undefined },
  host: string,
  env: Env,
  more: { purposes?: readonly string[]; place?: 'own' | 'hub' } = {},
): Outcome<string> {
  const key = passkeyFromSpki(Buffer.from(spki, 'base64url'), host)
  if (!key.ok) return key
  const said = parseJson(text)
  if (!isObject(said) || said['purpose'] !== 'enrol' || said['by'] !== by)
    return failure('The statement is not about this enrolment')
  if (said['key'] !== key.value.toString('base64')) return failure('The statement is about another key')
  if (!/^[\w-]+$/.test(credential)) return failure('The passkey has no id')
  const signature = wrapAssertion(key.value, namespaces.presence, assertion)
  if (!signature.ok) return signature
  const line = passkeyLine(by, [...purposes, ...(more.purposes ?? [])], { key: key.value, credential })
  return proven(by, line, { text, signature: signature.value }, env, more.place)
}

interface Statement {
  text: string
  signature: string
}

/** The line, when the signature holds under it and shows that somebody touched the key. */
function proven(
  by: string,
  line: string,
  { text, signature }: Statement,
  env: Env,
  wanted: 'own' | 'hub' = 'own',
): Outcome<string> {
  const { level, place } = presenceOf(signature) ?? {}
  if (level !== 'touch' && level !== 'verified')
    return failure('The signature does not show that somebody touched a security key')
  if (wanted === 'own' && place !== 'own') return failure('The page is not of this machine')
  using scratch = scratchFolder('enrol')
  const folder = scratch.path
  const signers = join(folder, 'allowed_signers')
  writeFileSync(signers, `${line}\n`)
  const at = new Date().toISOString()
  const about = { principal: by, namespace: namespaces.presence, message: text, signature, at }
  const problem = signatureChecker({ signers }, env)(about)
  return problem === undefined ? success(line) : failure(`The signature does not hold: ${problem}`)
}
