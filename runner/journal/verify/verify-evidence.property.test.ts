import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { trustIn, checkerOf } from '../../engine/sign/trust.ts'
import { verifyFolder } from './verify-evidence.ts'
import { attacks, writeAttack } from '../../../test/support/attack/attacks.ts'
import { goodRun } from '../../../test/support/corpus.ts'
import { makeKeys, writeSpecimen } from '../../../test/support/evidence.ts'

const scratch = mkdtempSync(join(tmpdir(), 'attacks-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const keys = makeKeys()
const verify = (folder: string) => verifyFolder(folder, checkerOf(trustIn(folder), process.env))
const failures = (folder: string) =>
  verify(folder)
    .checks.filter(({ status }) => status === 'failed')
    .map(({ name, message }) => `${name}: ${message}`)

test.each(Array.from({ length: 8 }, (_, seed) => seed))(
  'good run %i verifies, and says whether it is signed',
  (seed) => {
    const folder = join(scratch, `good-${seed}`)
    const specimen = goodRun(seed, keys)
    writeSpecimen(specimen, folder)
    const verification = verify(folder)
    expect(verification.checks.filter(({ status }) => status === 'failed')).toEqual([])
    expect(verification).toMatchObject({
      verified: true,
      signed: specimen.signing !== undefined,
      run: specimen.run,
    })
  },
)

describe('an attack fails:', () => {
  test.each(attacks.map((attack, index) => ({ ...attack, index })))(
    '$name',
    ({ index, check, ...attack }) => {
      const folder = join(scratch, `attack-${index}`)
      writeAttack(folder, { check, ...attack }, keys, index + 100)
      const said = failures(folder).filter((failure) => failure.startsWith(`${check}: `))
      expect(said.join('\n')).toContain(attack.says ?? check)
    },
  )
})

test('an attack fails at exactly the check that is about it', () => {
  const folder = join(scratch, 'exact')
  const stranger = attacks.find(({ name }) => name === 'a stranger signs the head')
  writeAttack(folder, stranger!, keys, 7)
  expect(failures(folder)).toEqual([
    'signature: The signature of head.json by alice@example.com does not hold: Could not verify signature.',
  ])
  expect(readFileSync(join(folder, 'head.json'), 'utf8')).toContain('"final":true')
})
