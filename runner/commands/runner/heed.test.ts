import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { approvedRun } from '../../../test/support/attack/forgeries.ts'
import { eventsOf, makeKeys, people } from '../../../test/support/evidence.ts'
import { newKey, sshSign } from '../../../test/support/sshsig.ts'
import type { TestKey } from '../../../test/support/sshsig.ts'
import { files, runFolder } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { asText } from '../../model/values/json.ts'
import { problemOf } from '../../model/problem.ts'
import type { Continuation } from '../../team/continuation.ts'
import { statementOf, teamNamespaces } from '../../team/statement.ts'
import { personDoubt, serviceDoubt } from '../shared/team/service.ts'
import { heard } from './heed.ts'
import type { Seat } from './seat.ts'

const root = mkdtempSync(join(tmpdir(), 'runbook-heed-'))
const service = 'ci@services'
const keys = { [people.bob]: newKey(), [service]: newKey() } as Record<string, TestKey>
const config = {
  state: root,
  people: join(root, 'people.yaml'),
  allowedSigners: join(root, 'allowed_signers'),
  revokedKeys: join(root, 'revoked_keys'),
}
let stored: StoredRun
let lines: readonly string[]

beforeAll(() => {
  writeFileSync(
    config.people,
    `people:\n  ${service}: { kind: service, aliases: [robot@ci] }\n  ${people.bob}: {}\n`,
  )
  const line = ([who, key]: [string, TestKey]): string => `${who} ${key.line}\n`
  writeFileSync(config.allowedSigners, Object.entries(keys).map(line).join(''))
  const specimen = {
    ...approvedRun(makeKeys(), { decisions: [], lines: [] }),
    run: '20261130-120000-release-ab2c',
  }
  const { events, lines: written } = eventsOf(specimen)
  lines = written
  const folder = runFolder(root, specimen.run)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, files.journal), written.join(''))
  stored = { events, folder, plan: specimen.plan, state: { run: specimen.run } } as unknown as StoredRun
})
afterAll(() => rmSync(root, { recursive: true }))

/** Whether a runner heeds a request of somebody, signed with their key; the reason when it does not. */
async function heeded(act: Continuation['act'], by: string): Promise<string | undefined> {
  const { events, state } = stored
  const head = sha256(lines.at(-1) ?? '')
  const wish: Continuation = {
    v: 1,
    act,
    run: state.run,
    planSha256: asText(events[0]?.data['planSha256']),
    head: { size: events.length, sha256: head },
    reason: 'it fails',
    by: { id: by, host: 'h', via: act },
    at: new Date().toISOString(),
    expires: new Date(Date.now() + 3_600_000).toISOString(),
    nonce: '3f0a4d0e-2f0b-4d0c-9d0e-1f2a3b4c5d6e',
  }
  const statement = statementOf(wish)
  const signature = sshSign(keys[by] as TestKey, teamNamespaces.order, statement)
  const answer = { topic: act, answer: JSON.stringify({ statement, signature, by: wish.by }) }
  const seat = { config, io: { env: process.env, cwd: root }, port: { answers: async () => [answer] } }
  const [one] = await heard(seat as unknown as Seat, stored)
  return one?.read.ok === false ? problemOf(one.read) : undefined
}

test.each(['resume', 'rollback'] as const)(
  'a runner heeds a person who signs to %s a run, and no service, though its key is listed',
  async (act) => {
    expect(await heeded(act, people.bob)).toBeUndefined()
    expect(await heeded(act, service)).toBe('ci@services is a service, and a person does this')
  },
)

test('a service takes no run over, and orders nothing without the right, by whichever of its names', () => {
  const workspace = config as unknown as Parameters<typeof personDoubt>[0]
  for (const name of [service, 'CI@services', 'robot@ci']) {
    expect(personDoubt(workspace, name)).toBe(`${name} is a service, and a person does this`)
    const order = { by: { id: name }, slug: 'patch', alert: {} } as Parameters<typeof serviceDoubt>[0]
    expect(serviceDoubt(order, workspace)).toBe('people.yaml does not give ci@services the right `run:patch`')
  }
  expect(personDoubt(workspace, people.bob)).toBeUndefined()
})
