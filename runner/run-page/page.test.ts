import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { html } from './html.ts'
import { linksFrom } from './links.ts'
import { groupsOf } from './list.ts'
import { isReadable, readFound } from './record.ts'
import type { ReadableRun } from './record.ts'
import { runPage } from './run-page.ts'

const state = mkdtempSync(join(tmpdir(), 'run-page-'))
afterAll(() => rmSync(state, { recursive: true }))

function recorded(name: string): ReadableRun {
  cpSync(join('test/journals/v1', name), join(state, 'runs', name), { recursive: true })
  const found = readFound(state, name, () => ({ check: undefined, source: 'none' }))
  if (!isReadable(found)) throw new Error(found.problem)
  return found
}

test('what comes from a run is text, in attributes too', () => {
  expect(html`<p title="${'"><b>'}">${['<i>', false, undefined, 0]}</p>`.markup).toBe(
    '<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;0</p>',
  )
})

test('the document stands as it was, each passage below the outcome of its step', () => {
  const { document = '', ...rest } = recorded('rolled-back')
  const around = { links: linksFrom('/'), today: undefined, checkedAt: '2026-11-21T10:00:00.000Z' }
  const { markup } = runPage({ ...rest, document }, around)
  const passages = [...markup.matchAll(/class="run-step passage" data-status="(\w+)"/g)]
  expect(passages.map(([, status]) => status)).toEqual(
    [...rest.state.steps.values()].map(({ status }) => status),
  )
  expect(markup).toContain('The runbook is no longer in the content folder.')
})

test('people whose names make the same address get one each', () => {
  const found = recorded('approved')
  const as = (id: string): ReadableRun => ({
    ...found,
    events: found.events.map((event) => ({ ...event, actor: { ...event.actor, id } })),
  })
  const people = groupsOf([as('Ann Lee'), as('ann-lee'), as('../x')]).filter(({ by }) => by === 'person')
  expect(people.map(({ path }) => path)).toEqual(['person/ann-lee', 'person/ann-lee-2', 'person/x'])
})
