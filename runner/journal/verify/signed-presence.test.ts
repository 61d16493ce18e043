import { expect, test } from 'vitest'
import {
  armored,
  presenceByRecipe,
  presenceHere,
  vector,
  vectorsSay,
} from '../../../test/support/presence-recipe.ts'
import { newKey, sshSign } from '../../../test/support/sshsig.ts'
import { plainVerifier } from '../../engine/sign/ed25519.ts'
import { signatureChecker } from '../../engine/sign/ssh-keygen.ts'
import { namespaces } from './evidence.ts'
import { presenceOf } from './signed-presence.ts'
import { keyOf, sshStructure } from './sshsig.ts'

test.each(Object.entries(vectorsSay))(
  'the signature %s is judged by ssh-keygen alone, and says who was there here and in the recipe',
  (name, [good, level, place]) => {
    const { signature, signers, statement } = vector(name)
    const request = {
      principal: 'bob@example.com',
      namespace: namespaces.approval,
      message: statement,
      signature,
      at: '2026-11-21T08:15:02.000Z',
    }
    expect(signatureChecker({ signers }, process.env)(request) === undefined).toBe(good)
    expect(plainVerifier({ signers })(request)).toBe(false)
    const said = level === undefined ? null : { level, place }
    expect([presenceHere(signature), ...presenceByRecipe([signature])]).toEqual([said, said])
    expect(keyOf(signature)).toMatch(/^sk-\S+ SHA256:\S{43}$/)
  },
)

test('a signature by a plain key has no presence', () => {
  const signature = sshSign(newKey(), namespaces.approval, 'x')
  expect(presenceOf(signature)).toEqual({ level: 'key', place: 'own', origin: undefined })
  expect(presenceByRecipe([signature])).toEqual([{ level: 'key', place: 'own' }])
})

/** What a security key for `application` signs, with flags and counter as a program asks for it. */
function byProgram(application: string): string {
  const type = 'sk-ssh-ed25519@openssh.com'
  const key = sshStructure(type, Buffer.alloc(32), application)
  const signature = Buffer.concat([sshStructure(type, Buffer.alloc(64)), Buffer.from([5, 0, 0, 0, 1])])
  const whole = sshStructure(key, namespaces.approval, '', 'sha512', signature)
  return armored(Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), whole]))
}

test('a key for web pages says nothing when a program without a page had it sign', () => {
  const signatures = ['ssh:', 'ssh:runbook', 'localhost', 'hub.example.com', ''].map(byProgram)
  const own = { level: 'verified', place: 'own' }
  const said = [own, own, null, null, null]
  expect(signatures.map(presenceHere)).toEqual(said)
  expect(presenceByRecipe(signatures)).toEqual(said)
})

test.each(['', '-----BEGIN SSH SIGNATURE-----', armored(Buffer.from('SSHSIG')), armored(Buffer.alloc(200))])(
  'a text of another form says nothing',
  (text) => expect([presenceHere(text), ...presenceByRecipe([text])]).toEqual([null, null]),
)
