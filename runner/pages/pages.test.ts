import { makeKinds } from '../kinds/index.ts'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fold } from '../journal/fold.ts'
import { JournalError } from '../journal/record/journal-error.ts'
import { tell } from '../journal/story/story.ts'
import { checklistPage } from './checklist-page.ts'
import { html } from './markup.ts'
import { linksFrom } from './run-addresses.ts'
import { groupsOf, runList } from './runs-page.ts'
import { isReadable, readRunOrProblem } from './readable-run.ts'
import type { ReadableRun } from './readable-run.ts'
import { runPage } from './run-page.ts'

const state = mkdtempSync(join(tmpdir(), 'run-page-'))
const kinds = await makeKinds().load()
afterAll(() => rmSync(state, { recursive: true }))

function recorded(name: string): ReadableRun {
  cpSync(join('test/journals/v1', name), join(state, 'runs', name), { recursive: true })
  const readable = readRunOrProblem(state, name, () => ({ check: undefined, source: 'none' }))
  if (!isReadable(readable)) throw new Error(readable.problem)
  return readable
}

test('what comes from a run is text, in attributes too', () => {
  expect(html`<p title="${'"><b>'}">${['<i>', false, undefined, 0]}</p>`.markup).toBe(
    '<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;0</p>',
  )
})

test('the document stands as it was, each passage below the outcome of its step', () => {
  const { document = '', ...rest } = recorded('rolled-back')
  const around = { links: linksFrom('/'), today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }
  const { markup } = runPage({ ...rest, document }, around)
  const passages = [...markup.matchAll(/class="run-step passage" data-status="(\w+)"/g)]
  expect(passages.map(([, status]) => status)).toEqual(
    [...rest.state.steps.values()].map(({ status }) => status),
  )
  expect(markup).toContain('The runbook is no longer in the content folder.')
  const alone = runPage({ ...rest, document }, { ...around, links: undefined })
  expect(alone.markup, 'a page by itself knows no content folder').not.toContain('content folder')
})

test('the head of a page names the agent through which a run was started, as text', () => {
  const readable = recorded('rolled-back')
  const [first, ...rest] = readable.events
  if (!first) throw new Error('The journal is empty')
  const actor = { ...first.actor, via: 'agent', client: '<b>helper' }
  const around = { links: linksFrom('/'), today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }
  const { markup } = runPage(having(readable, [{ ...first, actor }, ...rest]), around)
  expect(markup).toMatch(/By <b>\S+<\/b>, through the agent &lt;b&gt;helper,\s+on/)
})

test('a step that a paused run asks about is waiting, not running', () => {
  const readable = recorded('approved')
  const asked = readable.events.findIndex(({ type }) => type === 'approval-requested')
  const paused = {
    type: 'run-paused',
    data: { topic: readable.events[asked]?.key ?? '', message: '' },
  } as const
  const last = readable.events[asked + 1]
  if (!last) throw new Error('The journal ends with the request')
  const events = [...readable.events.slice(0, asked + 1), { ...last, key: '', ...paused }]
  const around = { links: linksFrom('/'), today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }
  const { markup } = runPage(having(readable, events), around)
  expect(markup).toMatch(/<li data-status="waiting">\s*<a href="#\w+"\s+aria-current="step"/)
  expect(markup).not.toContain('data-status="running"')
})

/** The same run with other events. */
function having(readable: ReadableRun, events: ReadableRun['events']): ReadableRun {
  const changedState = fold(events)
  return { ...readable, events, state: changedState, story: tell(events, readable.plan, changedState) }
}

test('the step at which a run was abandoned has not failed, and does not wait any more', () => {
  const readable = recorded('approved')
  const { events } = readable
  const asked = events.findIndex(({ type }) => type === 'run-resumed')
  const [ended, over] = ['step-ended', 'run-ended'].map((type) =>
    events.findLast((event) => event.type === type),
  )
  if (!ended || !over) throw new Error('the recorded run has not ended')
  const left = having(readable, [
    ...events.slice(0, asked),
    {
      ...ended,
      key: 'go#1',
      data: { data: {}, outputs: {}, status: 'not-started', message: 'had no effect yet' },
    },
    { ...over, data: { status: 'abandoned', message: 'enough', step: '', counts: {} } },
  ])
  const around = { links: undefined, today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }
  const { markup } = runPage(left, around)
  const step = markup.slice(markup.indexOf('<li id="go"'), markup.indexOf('<li id="ship"'))
  expect(step).toContain('Approval · not ended')
  expect(step).toContain('<p class="status">had no effect yet</p>')
  expect(markup).not.toContain('aria-current')
})

test('the step at which a run was interrupted does not run any more', () => {
  const readable = recorded('approved')
  const began = readable.events.findLastIndex(({ type }) => type === 'step-started')
  const started = readable.events[began]
  if (!started) throw new Error('the recorded run has no step')
  const data = { topic: '', message: 'The run was stopped' }
  const paused = { ...started, type: 'run-paused' as const, key: '', data }
  const around = { links: undefined, today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }
  const { markup } = runPage(having(readable, [...readable.events.slice(0, began + 1), paused]), around)
  expect(markup).toContain('interrupted')
  expect(markup).toContain(' · not ended')
  expect(markup).not.toContain(' · running')
})

/** Each value of each event in turn becomes something it should not be. */
function* changed({ events }: ReadableRun): Generator<ReadableRun['events']> {
  const odd = [undefined, null, true, [], {}, [null], { markup: '<script>' }]
  for (const [at, event] of events.entries()) {
    const holding = (data: unknown) => events.with(at, { ...event, data } as typeof event)
    yield holding({})
    for (const name of Object.keys(event.data))
      for (const value of odd) yield holding({ ...event.data, [name]: value })
  }
}

test.each(['approved', 'rolled-back'])(
  'a journal of a run that was %s, changed anywhere, is refused in a sentence or shown as text',
  (name) => {
    const readable = recorded(name)
    const around = { links: linksFrom('/'), today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }
    let shown = 0
    for (const events of changed(readable)) {
      try {
        const run = having(readable, events)
        const markup = runPage(run, around).markup + checklistPage(run, around).markup
        expect(markup).not.toContain('<script>')
        shown += 1
      } catch (error) {
        if (!(error instanceof JournalError)) throw error
      }
    }
    expect(shown).toBeGreaterThan(100)
  },
)

test.each([
  ['no plan', null],
  ['steps that are no list', { steps: {} }],
  ['a step that is none', { steps: [null] }],
  ['a title that is no text', { title: { markup: '<script>' } }],
  ['secrets that are no list', { secrets: null }],
])('a plan with %s says why the run cannot be shown, and stops no page', (_, change) => {
  const { folder, plan } = recorded('unsigned')
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(change && { ...plan, ...change }))
  expect(readRunOrProblem(state, 'unsigned', () => ({ check: undefined, source: 'none' }))).toEqual({
    run: 'unsigned',
    problem: 'plan.json: The plan has not the form of one: it was changed',
  })
})

test('runs of two runbooks with one title are told apart by the folder, in the list and among the choices', () => {
  const readable = recorded('approved')
  const of = (slug: string): ReadableRun => ({
    ...readable,
    state: { ...readable.state, slug, title: 'Restart' },
  })
  const runs = [of('shop/restart'), of('api/restart')]
  expect(runList(runs, linksFrom('/')).markup.match(/<small>[^<]*<\/small>/g)).toEqual([
    '<small>shop/</small>',
    '<small>api/</small>',
  ])
  const words = groupsOf(runs).flatMap((one) => (one.by === 'runbook' ? [one.words] : []))
  expect(words).toEqual(['Restart shop/', 'Restart api/'])
  expect(runList([of('shop/restart')], linksFrom('/')).markup).not.toContain('<small>')
})

test('of many inputs the head of a run shows the first three with a value, and folds the others', () => {
  const readable = recorded('approved')
  const inputs = { version: '1.4.0', note: '', region: 'eu', reason: 'planned', ticket: 'OPS-1' }
  const plan = { ...readable.plan, inputs, secrets: [], inputNames: Object.keys(inputs) }
  const around = { links: linksFrom('/'), today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }
  const withMany = { ...readable, plan, story: tell(readable.events, plan, readable.state) }
  const { markup } = runPage(withMany, around)
  const [shown = '', folded = ''] = markup.split('more-inputs')
  const namesIn = (text: string): string[] =>
    Object.keys(inputs).filter((name) => text.includes(`<dt>${name}</dt>`))
  expect(namesIn(shown)).toEqual(['version', 'region', 'reason'])
  expect(namesIn(folded)).toEqual(['note', 'ticket'])
  expect(folded).toMatch(/2 more inputs\s+<span class="muted">note, ticket</)
  // Paper has no folds.
  expect(checklistPage(withMany, around).markup).not.toContain('more-inputs')
})

test('people whose names make the same address get one each', () => {
  const readable = recorded('approved')
  const as = (id: string): ReadableRun =>
    having(
      readable,
      readable.events.map((event) => ({ ...event, actor: { ...event.actor, id } })),
    )
  const people = groupsOf([as('Ann Lee'), as('ann-lee'), as('../x')]).filter(({ by }) => by === 'person')
  expect(people.map(({ path }) => path)).toEqual(['person/ann-lee', 'person/ann-lee-2', 'person/x'])
})
