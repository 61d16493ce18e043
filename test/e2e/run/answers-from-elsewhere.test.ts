import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAsked } from '../../../runner/engine/people/asked.ts'
import type { Asked } from '../../../runner/engine/people/asked.ts'
import { postAnswer } from '../../../runner/engine/people/inbox.ts'
import { postStop } from '../../../runner/engine/people/stop-requests.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import type { JsonObject } from '../../../runner/model/values/json.ts'
import { start } from '../../support/live.ts'
import type { Live } from '../../support/live.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const by = { id: 'alice@example.com', host: 'phone', via: 'browser' }
const steps = [
  commandStep('tag', 'echo tagged', 'confirm="v1"'),
  '<Checklist id="ready" title="Ready">\n\n- [ ] Backups are there\n- [ ] Support knows\n\n</Checklist>\n',
  '<Ask id="facts" title="Facts" outputs="ticket">\n\n```yaml\nticket: { type: string }\n```\n\n</Ask>\n',
].join('\n')

/** A run whose questions are answered through its folder. */
async function remote(space: Workspace): Promise<{ live: Live; folder: string; run: string }> {
  const live = start(space.root, ['exec', 'one', '--remote', '--json'])
  const { run } = JSON.parse(await live.line('run-started')) as { run: string }
  return { live, run, folder: join(space.root, '.runbook/runs', run) }
}

async function asked(live: Live, space: Workspace, run: string, topic: string): Promise<Asked> {
  let waiting: Asked | undefined
  await live.until(() => {
    const { folder, events } = readRun(join(space.root, '.runbook'), run)
    waiting = readAsked(folder, events)
    return waiting?.topic === topic
  })
  return waiting ?? expect.fail('it asks nothing')
}

test('every question of a run without a terminal is answered from elsewhere, with what was shown', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': page(steps) })
  const { live, folder, run } = await remote(space)
  const answer = async (topic: string, given: JsonObject): Promise<Asked> => {
    const question = await asked(live, space, run, topic)
    expect(postAnswer(folder, topic, { ...given, by, shownSha256: sha256(question.shown) })).toBe(true)
    return question
  }
  const go = await answer('tag#1/go', { answer: 'run' })
  expect(go.shown).toContain('echo tagged')
  await answer('tag#1/confirm', { word: 'v1' })
  await answer('ready/1', { answer: 'done', note: 'restored once' })
  await answer('ready/2', { answer: 'not-applicable', note: 'internal' })
  await answer('facts/ticket', { value: 'OPS-7' })
  expect((await live.ended).code).toBe(0)
  const { events } = readRun(join(space.root, '.runbook'), run)
  expect(events[0]?.actor.via).toBe('browser')
  const given = events.filter(({ actor }) => actor.via === 'browser').slice(1)
  expect(given.map(({ type, data }) => [type, data['answer'] ?? data['value']])).toEqual([
    ['step-confirmed', 'run'],
    ['word-confirmed', 'confirmed'],
    ['task-ticked', 'done'],
    ['task-ticked', 'not-applicable'],
    ['field-answered', 'OPS-7'],
  ])
  expect(given[0]?.data['shown']).toBe(go.shown)
  expect((await space.runbook(['verify', run])).code).toBe(0)
  const log = await space.runbook(['log', run])
  expect(log.stdout).toContain('claimed, in the browser')
})

test('an answer that the terminal would not take is set aside and the run waits on', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': page(steps) })
  const { live, folder, run } = await remote(space)
  const refused = async (given: JsonObject): Promise<string> => {
    const before = readRun(join(space.root, '.runbook'), run).events.length
    // The one before is moved away after its refusal is recorded.
    await live.until(() => postAnswer(folder, 'tag#1/go', given))
    let why: unknown
    await live.until(() => {
      const { events } = readRun(join(space.root, '.runbook'), run)
      const last = events.at(-1)
      why = last?.data['why']
      return events.length > before && last?.type === 'answer-refused'
    })
    return String(why)
  }
  await asked(live, space, run, 'tag#1/go')
  expect(await refused({ answer: 'run' })).toContain('does not say who')
  expect(await refused({ answer: 'run', by: { ...by, id: 'bob@example.com' } })).toContain('has the watch')
  expect(await refused({ answer: 'skip', by })).toContain('Write a reason')
  expect(await refused({ answer: 'fly', by })).toContain('Choose one')
  expect(await refused({ answer: 'run', by, shownSha256: sha256('other') })).toContain(
    'something else was shown',
  )
  postStop(folder, { ...by, id: 'bob@example.com' }, 'wrong version', false)
  expect((await live.ended).code).toBe(130)
  const { events, state } = readRun(join(space.root, '.runbook'), run)
  expect(state.status).toBe('interrupted')
  expect(events.at(-1)).toMatchObject({
    type: 'run-paused',
    actor: { id: 'bob@example.com', via: 'browser' },
  })
  expect(events.at(-1)?.data['message']).toContain('wrong version')
  expect(events.some(({ type }) => type === 'step-started')).toBe(false)
})

test('a stop from elsewhere ends a step as Ctrl-C does, and the run verifies', async () => {
  using space = workspace({
    'content/runbooks/one.mdx': page(commandStep('read', 'echo ready; sleep 60', 'effect="read"') + steps),
  })
  const { live, folder, run } = await remote(space)
  await live.line('step-started')
  expect(postStop(folder, by, '', false)).toBe(true)
  expect((await live.ended).code).toBe(130)
  expect(readRun(join(space.root, '.runbook'), run).state.steps.get('read')?.status).not.toBe('passed')
  // Intact so far: the run is not over.
  expect((await space.runbook(['verify', run])).code).toBe(7)
})
