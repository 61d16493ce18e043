import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder } from '../../scratch-folder.ts'
import { namespaces } from '../../journal/verify/evidence.ts'
import { signedBytes } from '../../journal/verify/sshsig.ts'
import { passkeyFromSpki, passkeyLine, wrapAssertion } from './passkey.ts'
import { signatureChecker } from './ssh-keygen.ts'

/** Why `ssh-keygen` of this machine does not judge signatures of passkeys, tried with a key made for it; undefined when it does. */
export function passkeyTrial(env: Record<string, string | undefined>): string | undefined {
  const text = 'Can passkeys be judged here?'
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key = passkeyFromSpki(publicKey.export({ type: 'spki', format: 'der' }), 'localhost')
  if (!key.ok) return key.problem.message
  const challenge = signedBytes(namespaces.approval, text).toString('base64url')
  const client = Buffer.from(
    `{"type":"webauthn.get","challenge":"${challenge}","origin":"http://localhost","crossOrigin":false}`,
  )
  const sha256 = (of: Buffer | string): Buffer => createHash('sha256').update(of).digest()
  const authenticator = Buffer.concat([sha256('localhost'), Buffer.from([5, 0, 0, 0, 1])])
  const signature = wrapAssertion(key.value, namespaces.approval, {
    authenticatorData: authenticator.toString('base64url'),
    clientDataJSON: client.toString('base64url'),
    signature: sign('sha256', Buffer.concat([authenticator, sha256(client)]), privateKey).toString(
      'base64url',
    ),
  })
  if (!signature.ok) return signature.problem.message
  using scratch = scratchFolder('trial')
  const folder = scratch.path
  const signers = join(folder, 'allowed_signers')
  const credential = 'trial'
  writeFileSync(signers, `${passkeyLine('trial', [namespaces.approval], { key: key.value, credential })}\n`)
  const about = { principal: 'trial', namespace: namespaces.approval, message: text }
  return signatureChecker(
    { signers },
    env,
  )({ ...about, signature: signature.value, at: new Date().toISOString() })
}
