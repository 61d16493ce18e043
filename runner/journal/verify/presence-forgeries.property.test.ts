import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { approvedRun } from '../../../test/support/attack/forgeries.ts'
import { effort, tell } from '../../../test/support/effort.ts'
import { eventsOf, makeKeys, people, writeSpecimen } from '../../../test/support/evidence.ts'
import type { Fact, Specimen } from '../../../test/support/evidence.ts'
import { newPasskey, newSecurityKey } from '../../../test/support/sshsig.ts'
import type { TestKey } from '../../../test/support/sshsig.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { namespaces } from './evidence.ts'
import { humansOf } from './rules/presence.ts'
import { verifyFolder } from './verify-evidence.ts'

const root = mkdtempSync(join(tmpdir(), 'presence-forgeries-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const signers = join(root, 'signers')

/** The plain keys of both people, which a program with their accounts has. */
const keys = makeKeys()
const plain = { alice: keys['alice']!, bob: keys['bob']! }
/** Security keys while their owners touch them: what the program does not have. */
const touched = { alice: newSecurityKey(5), bob: newSecurityKey(5), passkey: newPasskey('localhost') }

type Line = [person: string, key: TestKey]
/** The reviewed list, which whoever verifies has of their own. */
const reviewed: Line[] = [
  [people.alice, plain.alice],
  [people.alice, touched.alice],
  [people.bob, plain.bob],
  [people.bob, touched.bob],
  [people.bob, touched.passkey],
]
const linesOf = (lines: readonly Line[]): string =>
  lines
    .map(([who, key]) => `${who} namespaces="${Object.values(namespaces).join(',')}" ${key.line}\n`)
    .join('')

interface Made {
  /** The approval of bob. */
  decision?: { key?: TestKey; change?: JsonObject; namespace?: string }
  /** The go of alice; `forge` changes its event, or takes it out. */
  go?: { key?: TestKey; change?: JsonObject; namespace?: string; forge?: (fact: Fact) => Fact[] }
  /** Whether the plan asks for presence. */
  asks?: boolean
  /** Lines that the reviewed list has too. */
  more?: Line[]
  /** Changes the signature of the decision. */
  bend?: (signature: Buffer) => Buffer
}

let count = 0

/** The gate: all verifies by the reviewed list, and somebody who did not run it was there and verified. */
function passes({ decision, go, asks = true, more = [], bend }: Made): boolean {
  const folder = join(root, String((count += 1)))
  const presence = asks ? ({ plan: { presence: 'verified' } } as const) : {}
  const specimen = approvedRun(keys, {
    ...presence,
    decisions: [{ by: people.bob, key: touched.bob, ...decision }],
    go: { key: touched.alice, forge: (fact) => [fact], ...go },
    // The list beside the run is the attacker's, and has every key.
    lines: [...reviewed, ...more],
  })
  const bent: Specimen = { ...specimen, facts: specimen.facts.map((fact) => withBent(fact, bend)) }
  writeFileSync(signers, linesOf([...reviewed, ...more]))
  writeSpecimen(bent, folder)
  const { verified, signed } = verifyFolder(folder, checkerOf({ signers }, process.env))
  rmSync(folder, { recursive: true })
  const { events } = eventsOf(bent)
  const plan = bent.plan as unknown as JsonObject
  const humans = humansOf({ events, plan, closing: undefined, closingSignature: undefined }, 'verified')
  return verified && signed && humans.length > 0
}

function withBent(fact: Fact, bend: Made['bend']): Fact {
  const { sig } = fact.data
  if (!bend || fact.type !== 'approval-given' || typeof sig !== 'string') return fact
  const [, body = ''] = /-----\n([\s\S]*)\n-----END/.exec(sig) ?? []
  const lines =
    bend(Buffer.from(body, 'base64'))
      .toString('base64')
      .match(/.{1,70}/g) ?? []
  const armored = ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
  return { ...fact, data: { ...fact.data, sig: armored } }
}

test.each<[string, Made]>([
  ['by a security key', {}],
  ['by a passkey', { decision: { key: touched.passkey } }],
])('what two people touched passes the gate, %s', (_, made) => {
  expect(passes(made)).toBe(true)
})

/** Flags of a key that nobody touched, or that did not ask who it was. */
const tooWeak = fc.integer({ min: 0, max: 255 }).filter((flags) => (flags & 5) !== 5)
const anyFlags = fc.integer({ min: 0, max: 255 })
/** A key that is on the list and signs with such flags, for who has it. */
const weakKey = fc.oneof(
  tooWeak.map((flags) => newSecurityKey(flags)),
  tooWeak.map((flags) => newPasskey('localhost', { flags })),
)
/** A key that the program made itself. */
const rogueKey = fc.oneof(
  anyFlags.map((flags) => newSecurityKey(flags)),
  anyFlags.map((flags) => newPasskey('localhost', { flags })),
)
/** A key of a page that the person did not mean: another host, a frame, another purpose. */
const pageKey = fc.oneof(
  fc
    .constantFrom(
      'https://evil.example.com',
      'http://evil.localhost',
      'https://localhost.example.com',
      'http://127.0.0.1:4321',
      'http://localhost:4321/x',
      'null',
    )
    .map((origin) => newPasskey('localhost', { origin })),
  fc.constantFrom('hub.example.com', 'a.hub.example.com').map((host) => newPasskey(host)),
  fc
    .constantFrom('https://x.hub.example.com', 'http://hub.example.com', 'https://hub.example.com.evil.org')
    .map((origin) => newPasskey('hub.example.com', { origin })),
  fc
    .constantFrom<Record<string, unknown>>(
      { crossOrigin: true },
      { topOrigin: 'https://evil.example.com' },
      { type: 'webauthn.create' },
      { type: 'payment.get' },
    )
    .map((client) => newPasskey('localhost', { client })),
  anyFlags.map((flags) => newSecurityKey(flags, 'localhost')),
)
/** A touch that a person gave to something else. */
const otherText = fc.constantFrom<JsonObject>(
  { run: '20261121-release-bbbb' },
  { step: 'other' },
  { topic: 'go/2' },
  { planSha256: '0'.repeat(64) },
  { inputsSha256: '0'.repeat(64) },
  { by: people.carol },
  { head: { size: 1, sha256: '0'.repeat(64) } },
  { ts: '2020-01-01T00:00:00.000Z' },
  { v: 2 },
)
const otherNamespace = fc.constantFrom('runbook-head@v1', 'runbook-attestation@v1', 'git', 'file')

const forged: fc.Arbitrary<Made> = fc.oneof(
  fc.constantFrom(plain.bob, plain.alice, touched.alice).map((key): Made => ({ decision: { key } })),
  weakKey.map((key): Made => ({ decision: { key }, more: [[people.bob, key]] })),
  rogueKey.map((key): Made => ({ decision: { key } })),
  pageKey.map((key): Made => ({ decision: { key }, more: [[people.bob, key]] })),
  fc
    .oneof(
      otherText,
      fc.constantFrom<JsonObject>(
        { decision: 'rejected' },
        { shownSha256: '0'.repeat(64) },
        { requestedBy: people.carol },
        { purpose: 'close', shownSha256: '' },
      ),
    )
    .map((change): Made => ({ decision: { change } })),
  fc
    .oneof(otherNamespace, fc.constant(namespaces.presence))
    .map((namespace): Made => ({ decision: { namespace } })),
  // The flags of an untouched key are written over.
  fc.tuple(tooWeak, anyFlags).map(([flags, others]): Made => {
    const key = newSecurityKey(flags)
    const bend = (blob: Buffer): Buffer => Buffer.from(blob.with(blob.length - 5, others))
    return { decision: { key }, more: [[people.bob, key]], bend }
  }),
  // A bit of a good signature is another.
  fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 7 })).map(([at, bit]): Made => ({
    bend: (blob) => {
      const place = at % blob.length
      return Buffer.from(blob.with(place, (blob[place] ?? 0) ^ (1 << bit)))
    },
  })),
  // The policy is lowered in the plan: nothing fails there, and the gate asks for itself.
  fc
    .constantFrom(plain.bob, newSecurityKey(1))
    .map((key): Made => ({ asks: false, decision: { key }, more: [[people.bob, key]] })),
  // One key has two names.
  fc.constantFrom<Made>(
    { decision: { key: touched.alice }, more: [[people.bob, touched.alice]] },
    { go: { key: touched.bob }, more: [[people.alice, touched.bob]] },
    { more: [[people.alice, touched.bob]] },
  ),
  // The operator's own go.
  fc.constantFrom(plain.alice, plain.bob, touched.bob).map((key): Made => ({ go: { key } })),
  weakKey.map((key): Made => ({ go: { key }, more: [[people.alice, key]] })),
  rogueKey.map((key): Made => ({ go: { key } })),
  pageKey.map((key): Made => ({ go: { key }, more: [[people.alice, key]] })),
  fc
    .oneof(
      otherText,
      fc.constantFrom<JsonObject>(
        { purpose: 'confirm' },
        { purpose: 'attest' },
        { answers: [] },
        { answers: [{ key: 'ship#1/go', answer: { answer: 'skip', reason: '' } }] },
      ),
    )
    .map((change): Made => ({ go: { change } })),
  fc
    .oneof(otherNamespace, fc.constant(namespaces.approval))
    .map((namespace): Made => ({ go: { namespace } })),
  fc
    .constantFrom<(fact: Fact) => Fact[]>(
      () => [],
      (fact) => [{ ...fact, data: { answer: 'run', reason: '' } }],
      (fact) => [{ ...fact, data: { ...fact.data, reason: 'another' } }],
      (fact) => [{ ...fact, key: 'ship#2/go' }],
      (fact) => [{ ...fact, by: people.carol }],
    )
    .map((forge): Made => ({ go: { forge } })),
)

test('no forgery by a program with the accounts of both people and without a touch passes the gate', () => {
  const { numRuns, seed } = effort(150, 2000)
  fc.assert(
    fc.property(forged, (made) => !passes(made)),
    { numRuns, seed },
  )
  tell(`${numRuns} forgeries of presence were refused`)
})
