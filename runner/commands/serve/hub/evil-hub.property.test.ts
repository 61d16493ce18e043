import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fleetOver } from '../../../../test/support/fleet.ts'
import { approvedRun } from '../../../../test/support/attack/forgeries.ts'
import { effort } from '../../../../test/support/effort.ts'
import { decide, eventsOf, makeKeys, people } from '../../../../test/support/evidence.ts'
import type { Deciding, Specimen } from '../../../../test/support/evidence.ts'
import { newKey, newPasskey, sshSign } from '../../../../test/support/sshsig.ts'
import type { TestKey } from '../../../../test/support/sshsig.ts'
import { disbelief } from '../../../engine/people/approval.ts'
import { checkerOf } from '../../../engine/sign/trust.ts'
import { sha256 } from '../../../journal/record/write-journal.ts'
import { namespaces } from '../../../journal/verify/evidence.ts'
import type { Presence } from '../../../model/people/presence-level.ts'
import type { Actor } from '../../../model/plan.ts'
import type { JsonObject } from '../../../model/values/json.ts'
import { readStored } from '../../../team/fleet/believe.ts'
import { fleetNamespaces, makeFleetAct } from '../../../team/fleet/fleet.ts'
import { makeOrder, orderDoubt, readOrder, signOrder } from '../../../team/order.ts'
import { believed, readContinuation } from '../../../team/continuation.ts'
import type { Continuation, Now } from '../../../team/continuation.ts'
import { pageDoubt } from '../../../team/page-signature.ts'
import { statementOf, teamNamespaces } from '../../../team/statement.ts'

// A hub that lies: it has all that a hub can have, with each signature that a person has ever made on one of its pages. The
// judges are those of the run and of a runner, which trust their own list of keys and nothing else.
const hubHost = 'hub.example'
const root = mkdtempSync(join(tmpdir(), 'evil-hub-'))
const signers = join(root, 'signers')
const keys = makeKeys()
/** The person's passkeys: one for their own machine, one for the pages of the hub. The hub can get touches of the second. */
const own = newPasskey('localhost')
const onHub = newPasskey(hubHost)
const rogue: readonly TestKey[] = [newKey(), newPasskey('localhost'), newPasskey(hubHost)]

beforeAll(() => {
  const all = [namespaces, teamNamespaces, fleetNamespaces].flatMap(Object.values<string>).join(',')
  const line = (who: string, key: TestKey | undefined): string => `${who} namespaces="${all}" ${key?.line}\n`
  const listed = [line(people.alice, keys['alice']), line(people.bob, own), line(people.bob, onHub)]
  writeFileSync(signers, listed.join(''))
})

afterAll(() => rmSync(root, { recursive: true }))

/** A run that waits for bob's decision on a step that asks for presence. */
function waiting(presence: Presence, deadline?: number): Specimen {
  const limit = deadline === undefined ? {} : { deadline }
  const wanted = { presence, ...limit, decisions: [{ by: people.bob, key: own }], lines: [] }
  const specimen = approvedRun(keys, wanted)
  const at = specimen.facts.findIndex(({ type }) => type === 'approval-given')
  return { ...specimen, facts: specimen.facts.slice(0, at) }
}

type Answer = JsonObject & { by: Actor }

function answerOf(specimen: Specimen, made: Omit<Deciding, 'at' | 'by'> & { by?: string }): Answer {
  const last = specimen.facts.at(-1)?.ts ?? 0
  return decide(specimen, 'go/1', { by: people.bob, at: last + 1000, ...made }).data as Answer
}

/** Why the run does not believe a decision; undefined when it does. */
function doubtOf(
  specimen: Specimen,
  answer: Answer,
  received = (specimen.facts.at(-1)?.ts ?? 0) + 2000,
): string | undefined {
  const { events, lines } = eventsOf(specimen)
  const { plan } = specimen
  const check = checkerOf({ signers }, process.env)
  return disbelief(answer, 'go/1', { plan, events, head: sha256(lines.at(-1) ?? ''), check, received })
}

test('the run believes a person at their own machine, and one at the hub where the runbook lets them sign there', () => {
  for (const [presence, key] of [
    ['verified', own],
    ['touch', own],
    ['verified@hub', onHub],
  ] as const) {
    const specimen = waiting(presence)
    expect([presence, doubtOf(specimen, answerOf(specimen, { key }))]).toEqual([presence, undefined])
  }
})

test.each(['verified', 'touch'] as const)(
  'a signature that a person gave on a page of the hub decides nothing where the step asks for `%s`',
  (presence) => {
    const specimen = waiting(presence)
    expect(doubtOf(specimen, answerOf(specimen, { key: onHub }))).toContain('presence')
  },
)

test('a page that shows one text and has another signed gives no more than the touch it got', () => {
  // The person is shown a rejection, and signs an approval.
  const specimen = waiting('verified')
  const signed = answerOf(specimen, { key: onHub, decision: 'approved' })
  expect(doubtOf(specimen, signed)).toContain('presence')
  // The other way to use it: as if it were made on the own machine.
  const pretending = newPasskey(hubHost, { origin: 'http://localhost:4321' })
  expect(doubtOf(specimen, answerOf(specimen, { key: pretending }))).not.toBeUndefined()
})

test('a signature that comes after the deadline is refused, however early it says that it was made', () => {
  const asked = waiting('verified').facts.at(-1)?.ts ?? 0
  const deadline = asked + 60_000
  const specimen = waiting('verified', deadline)
  const answer = answerOf(specimen, { key: own })
  expect(doubtOf(specimen, answer, deadline)).toBeUndefined()
  expect(doubtOf(specimen, answer, deadline + 1)).toContain('the request expired')
})

const text = fc.constantFrom(
  '',
  'x',
  people.alice,
  people.bob,
  'approved',
  'rejected',
  'go/1',
  'service',
  'agent',
)

test('no forgery of a hub without a touch is believed', () => {
  const specimen = waiting('verified')
  const elsewhere = { ...waiting('verified'), run: '20261121-release-bbbb' }
  // Signatures that bob really made at his own machine: of another run, and of another moment.
  const old: readonly Answer[] = [
    answerOf(elsewhere, { key: own }),
    answerOf({ ...specimen, facts: specimen.facts.slice(0, -1) }, { key: own, change: { topic: 'go/1' } }),
    answerOf(specimen, { key: own, namespace: namespaces.presence }),
  ]
  const forged = fc.oneof(
    fc.constant(answerOf(specimen, { key: undefined })),
    fc.constantFrom(...rogue).map((key) => answerOf(specimen, { key })),
    fc.constantFrom(...old),
    fc.constantFrom(...old).map(({ sig = '' }) => ({ ...answerOf(specimen, { key: undefined }), sig })),
    fc.record({ key: fc.constantFrom(...rogue), by: text }).map((made) => answerOf(specimen, made)),
  )
  const bend = fc.record(
    {
      by: fc.record({ id: text, host: text, via: text }),
      reason: text,
      decision: text,
      payload: text,
      more: text,
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(forged, bend, (answer, changes) => {
      expect(doubtOf(specimen, { ...answer, ...changes })).not.toBeUndefined()
    }),
    effort(40, 1_000),
  )
})

const order = makeOrder({
  run: '20261130-120000-release-ab2c',
  slug: 'release',
  documentSha256: 'a'.repeat(64),
  includes: { 'release-notes': 'b'.repeat(64) },
  inputs: { version: '1.0.0' },
  key: 'release',
  wants: '',
  notBefore: '',
  expires: new Date(Date.now() + 3_600_000).toISOString(),
  by: { id: people.alice, host: 'laptop', via: 'order' },
  from: '',
  practice: false,
  alert: {},
})

test('a runner takes no order that a hub changed or made', () => {
  const signWith = (key: TestKey | undefined) => ({
    key: 'x',
    describe: () => 'x',
    sign: (namespace: string, statement: string): string => sshSign(key ?? newKey(), namespace, statement),
  })
  const signed = signOrder(order, signWith(keys['alice']))
  const check = checkerOf({ signers }, process.env)
  const doubt = (statement: string, signature: string): string | undefined => {
    const read = readOrder(statement)
    if (!read.ok) return read.problem.message
    return orderDoubt(
      read.value,
      { statement, signature },
      { runner: 'r', accepts: ['*'], check, now: Date.now() },
    )
  }
  expect(doubt(signed.statement, signed.signature)).toBeUndefined()
  const values = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant({}),
    fc.dictionary(fc.string(), fc.string()),
  )
  const change = fc.tuple(fc.constantFrom(...Object.keys(order), 'script', 'env', 'cwd'), values)
  fc.assert(
    fc.property(change, fc.boolean(), ([name, value], isSignedAnew) => {
      const changed = { ...order, [name]: value } as JsonObject
      const statement = statementOf(changed)
      fc.pre(statement !== signed.statement)
      const signature = isSignedAnew
        ? sshSign(rogue[0] ?? newKey(), teamNamespaces.order, statement)
        : signed.signature
      expect(doubt(statement, signature)).not.toBeUndefined()
    }),
    effort(60, 1_000),
  )
  // A statement with spaces, or with a member twice, has two readings.
  expect(doubt(` ${signed.statement}`, signed.signature)).not.toBeUndefined()
  expect(doubt(signed.statement.replace('{', '{"slug":"other",'), signed.signature)).not.toBeUndefined()
  expect(doubt(signed.statement, '')).not.toBeUndefined()
})

/** A request of bob to roll a run back, signed on a page of the hub; and the run as its runner has it. */
function rollback(): { answer: { statement: string; signature: string }; now: Now } {
  const { facts, ...specimen } = waiting('none')
  const { events, lines } = eventsOf({ facts, ...specimen })
  const run = '20261130-120000-release-ab2c'
  const at = new Date().toISOString()
  const hashes = lines.map((line) => sha256(line))
  const wish: Continuation = {
    v: 1,
    act: 'rollback',
    run,
    planSha256: 'c'.repeat(64),
    head: { size: events.length, sha256: hashes.at(-1) ?? '' },
    reason: 'it fails',
    by: { id: people.bob, host: hubHost, via: 'browser' },
    at,
    expires: new Date(Date.now() + 3_600_000).toISOString(),
    nonce: '3f0a4d0e-2f0b-4d0c-9d0e-1f2a3b4c5d6e',
    shownSha256: 'd'.repeat(64),
    ts: at,
  }
  const statement = statementOf(wish)
  const check = checkerOf({ signers }, process.env)
  const now = { run, planSha256: wish.planSha256, events, hashes, check, now: Date.now() }
  return { answer: { statement, signature: sshSign(onHub, teamNamespaces.order, statement) }, now }
}

test('a runner heeds no request to go on that a hub changed, made, moved or gives again', () => {
  const { answer, now } = rollback()
  expect(believed(answer, 'rollback', now)).toMatchObject({ ok: true })
  const [last] = now.events.slice(-1)
  const resumed = last && { ...last, seq: last.seq + 1, type: 'run-resumed' as const }
  const moved: readonly [topic: string, now: Now][] = [
    ['resume', now],
    ['rollback', { ...now, run: '20261130-120000-release-zz99' }],
    ['rollback', { ...now, planSha256: 'e'.repeat(64) }],
    ['rollback', { ...now, hashes: [...now.hashes.slice(0, -1), 'f'.repeat(64)] }],
    ['rollback', { ...now, events: [...now.events, ...(resumed ? [resumed] : [])] }],
    ['rollback', { ...now, now: now.now + 2 * 3_600_000 }],
    ['rollback', { ...now, check: undefined }],
  ]
  for (const [topic, place] of moved) expect(believed(answer, topic, place)).toMatchObject({ ok: false })
  const read = readContinuation(answer.statement)
  const wish = read.ok ? read.value : undefined
  const values = fc.oneof(fc.string(), fc.integer(), fc.constant({}), text)
  const change = fc.tuple(fc.constantFrom(...Object.keys(wish ?? {}), 'env', 'from'), values)
  fc.assert(
    fc.property(change, fc.constantFrom(undefined, ...rogue), ([name, value], key) => {
      const statement = statementOf({ ...wish, [name]: value })
      fc.pre(statement !== answer.statement)
      const signature = key ? sshSign(key, teamNamespaces.order, statement) : answer.signature
      expect(believed({ statement, signature }, 'rollback', now)).toMatchObject({ ok: false })
    }),
    effort(40, 1_000),
  )
})

test('a signature of a page of the hub starts and changes no run whose steps ask for presence on the own machine', () => {
  const { answer } = rollback()
  const planned = (presence: Presence, step: Presence = 'none') => ({
    presence,
    steps: [{ attributes: { presence: step } }],
  })
  for (const level of ['none', 'touch@hub', 'verified@hub'] as const)
    expect(pageDoubt(answer.signature, planned(level))).toBeUndefined()
  for (const level of ['touch', 'verified'] as const) {
    expect(pageDoubt(answer.signature, planned(level))).toContain('own machine')
    expect(pageDoubt(answer.signature, planned('none', level))).toContain('own machine')
  }
  expect(pageDoubt(sshSign(own, teamNamespaces.order, answer.statement), planned('verified'))).toBeUndefined()
  expect(pageDoubt('', planned('none'))).toBeDefined()
})

test('an order over targets and a decision about it count when they were signed on the own machine, and not on a page of the hub', () => {
  const by = { id: people.bob, host: 'hub', via: 'fleet' }
  const fleet = fleetOver([{ name: 'x', run: '20261130-081502-patch-k3f2', key: 'host x', inputs: {} }], {
    by,
  })
  const stop = makeFleetAct({ fleet: fleet.fleet, act: 'stop', reason: 'x', by })
  const signed = (key: TestKey): ReturnType<typeof readStored> =>
    readStored(
      {
        fleet: fleet.fleet,
        slug: fleet.slug,
        statement: statementOf(fleet),
        signature: sshSign(key, fleetNamespaces.fleet, statementOf(fleet)),
        now: new Date(),
        runs: [],
        acts: [
          { statement: statementOf(stop), signature: sshSign(key, fleetNamespaces.act, statementOf(stop)) },
        ],
      },
      { check: checkerOf({ signers }, process.env), people: undefined },
    )
  expect(signed(own)).toMatchObject({ doubt: undefined, refused: [], acts: [{ act: 'stop' }] })
  expect(signed(onHub)).toMatchObject({
    doubt: expect.stringContaining('sign on your own machine') as string,
    refused: [expect.stringContaining('sign on your own machine') as string],
    acts: [],
  })
})
