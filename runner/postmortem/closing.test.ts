import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { incidentSchema } from '../status/incident-file.ts'
import { channelOf, parseSeverities } from '../status/severities.ts'
import { problemOf } from '../model/problem.ts'
import { reviewOf } from './closing.ts'
import { humanSections } from './draft.ts'

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'closing-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { severities } = parseSeverities('content/severities.yaml')
const named = (id: string) => severities.find((one) => one.id === id)
const incident = (status = 'resolved', drill = false) =>
  incidentSchema.parse({
    id: 'INC-1',
    title: 'Slow',
    impact: 'major',
    startedAt: '2026-11-21T10:00:00.000Z',
    drill,
    updates: [{ id: 'u1', at: '2026-11-21T11:00:00.000Z', status, body: 'x', by: 'ann' }],
  })

const items = '## Action items\n\n| Type | What | Owner | Due |\n| --- | --- | --- | --- |\n'
const item = '| prevent | [A limit](https://git.example/commit/0a1b) | web | 2026-12-01 |\n'
const words = humanSections.map(([title]) => `## ${title}\n\nWords.\n`).join('\n')

/** What the closing of a P1 says of a postmortem. */
function said(head: string, body = `${words}\n${items}${item}`): string | undefined {
  const file = join(folder, 'INC-1.mdx')
  writeFileSync(file, `---\n${head}\n---\n\n${body}`)
  return problemOf(reviewOf(incident(), named('P1'), file, { 'ann@old.example': 'ann@example.com' }))
}

const ready = 'status: closed\nauthor: ann@example.com\nreviewedBy: bob@example.com'

test('a P1 is closed by a postmortem that is complete and reviewed by somebody other than its author, and by no other', () => {
  expect(said(ready)).toBeUndefined()
  expect(said(ready.replace('closed', 'draft'))).toContain('is a draft')
  expect(said(ready.replace('bob', 'ann'))).toContain('a person other than the author')
  expect(said(ready.replace('bob@example.com', 'Ann@old.example'))).toContain('other than the author')
  expect(said(ready.replace('reviewedBy: bob@example.com', ''))).toContain('without `reviewedBy`')
  expect(said(ready.replace('author: ann@example.com', ''))).toContain('without `author`')
  expect(said(ready, `${words}\n${items}`)).toContain('action items')
  expect(said(ready, items + item)).toContain('Unexpected empty part “Summary”')
  expect(said('status: [')).toContain('is not finished')
})

test('an incident that is open is not closed, and one of a practice or a low severity needs no postmortem', () => {
  const absent = join(folder, 'absent.mdx')
  expect(problemOf(reviewOf(incident('monitoring'), named('P3'), absent))).toContain('it is not resolved')
  expect(problemOf(reviewOf(incident(), named('P0'), absent))).toContain('absent.mdx does not exist')
  expect(reviewOf(incident('resolved', true), named('P0'), absent)).toMatchObject({ ok: true })
  expect(reviewOf(incident(), named('P2'), absent)).toMatchObject({ ok: true })
})

test('the channel of a P0 and a P1 has the day of the incident in both lists of severities', () => {
  for (const preset of ['response-times', 'resolution-times']) {
    const channels = parseSeverities('content/severities.yaml', preset).severities.map((one) =>
      channelOf(one, '2026-11-21T23:59:00.000Z'),
    )
    expect(channels.slice(0, 2)).toEqual(['#incident-20261121', '#incident-20261121'])
    expect(channels[2]).toBeUndefined()
  }
})
