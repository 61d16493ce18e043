import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textReporter } from '../../../runner/commands/exec/reporter.ts'
import { eventTypes } from '../../../runner/journal/record/event.ts'
import type { Event } from '../../../runner/journal/record/event.ts'
import { tell } from '../../../runner/journal/story/story.ts'
import { intotoStatement } from '../../../runner/journal/export/intoto.ts'
import { statement } from '../../../runner/journal/export/statement.ts'
import type { Io } from '../../../runner/kit/io.ts'
import { makeKinds } from '../../../runner/kinds/index.ts'
import { checklistPage } from '../../../runner/pages/checklist-page.ts'
import { isReadable, readRunOrProblem } from '../../../runner/pages/readable-run.ts'
import type { ReadableRun } from '../../../runner/pages/readable-run.ts'
import { linksFrom } from '../../../runner/pages/run-addresses.ts'
import { runPage } from '../../../runner/pages/run-page.ts'
import { alice, bob, recordRun } from '../../site/support/runs.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const run = '20261120-081400-all-a111'
const document = page(
  [
    commandStep('tag', 'git tag "$version"', 'confirm="deploy"'),
    commandStep('notes', 'true'),
    '<Checklist id="before" title="Before it">\n\n- [ ] Support knows the date\n- [ ] The backup was restored\n\n</Checklist>\n',
    '<Ask id="assess" title="How bad is it?" outputs="severity">\n\n```yaml\nseverity: { type: choice, options: [P1, P2] }\n```\n\n</Ask>\n',
    '<Approval id="go" title="Go or no-go" approvers="bob@example.com" />\n',
    commandStep('watch', 'true'),
    commandStep('ship', 'true', '', '\n```bash undo\ntrue\n```\n'),
  ].join('\n'),
  'inputs:\n  version: {}\n  environment: {}\n',
)

const terminal = alice
const runner = { ...alice, via: 'runner' }
const flag = { ...alice, via: 'flag' }
const ended = (status: string, message: string) => ({ status, message, outputs: {}, data: {} })
const passed = ended('passed', 'exited with code 0')

/** What must be found wherever the run is told: decisions, skips, answers, an expiry, a survivor. */
const told = [
  'skip-reason',
  'go-reason',
  'deploy',
  'note-one',
  'not-applicable-reason',
  'P2',
  'expired-reason',
  'replaced-reason',
  'approved-reason',
  'rejected-reason',
  'resolved-reason',
  'accepted-reason',
  '4711, sleep; it is in a session of its own',
  'ran for too long',
  'rollback-reason',
  'refused-problem',
  'emergency-reason',
]

let space: Workspace
let events: Event[]
let readable: ReadableRun

beforeAll(async () => {
  space = workspace({ 'content/runbooks/all.mdx': document })
  const state = join(space.root, '.runbook')
  mkdirSync(state, { recursive: true })
  events = await recordRun(state, run, join(space.root, 'content/runbooks'), 'all', [
    ['step-skipped', 'notes', { reason: 'skip-reason' }, flag],
    ['moment-recorded', 'tag/budget', { at: 1_795_000_000_000 }, runner],
    ['effect-checked', 'tag#0', { holds: 'no', message: 'the `done` fence exited with 1', outputs: {} }],
    ['step-confirmed', 'tag#1/go', { answer: 'run', reason: 'go-reason', by: terminal }, terminal],
    ['word-confirmed', 'tag#1/confirm', { answer: 'confirmed', by: terminal }, terminal],
    ['step-started', 'tag#1', {}],
    ['step-ended', 'tag#1', ended('unknown', 'was lost')],
    [
      'outcome-resolved',
      'tag#1/resolve',
      { answer: 'done', reason: 'resolved-reason', by: terminal },
      terminal,
    ],
    ['step-finished', 'tag', ended('passed', 'was marked done')],
    ['process-left', 'tag/4711-1', { pid: 4711, message: 'left process 4711 running: sleep' }],
    ['step-finished', 'notes', ended('skipped', 'was skipped: skip-reason')],
    ['step-started', 'before#1', {}],
    ['task-ticked', 'before/1', { answer: 'done', note: 'note-one', evidence: '', by: terminal }, terminal],
    [
      'task-ticked',
      'before/2',
      { answer: 'not-applicable', note: 'not-applicable-reason', evidence: '', by: terminal },
      terminal,
    ],
    ['step-ended', 'before#1', passed],
    ['step-finished', 'before', passed],
    ['step-started', 'assess#1', {}],
    ['field-answered', 'assess/severity', { value: 'P2', by: terminal }, terminal],
    ['step-finished', 'assess', { ...passed, outputs: { severity: 'P2' } }],
    ['step-started', 'go#1', {}],
    ['approval-requested', 'go/1', { approvers: ['bob@example.com'], min: 1 }],
    ['run-paused', '', { topic: 'go/1', message: 'Waiting for an answer to `go/1`' }],
    [
      'answer-refused',
      'go/1',
      { by: bob.id, decision: 'approved', why: 'refused-problem', may: ['carol@example.com'] },
      runner,
    ],
    ['run-passed', '', { run: '20261120-090000-hotfix-c333', reason: 'emergency-reason' }, runner],
    ['run-resumed', '', {}],
    ['approval-expired', 'go/1', { decision: 'expired', reason: 'expired-reason', by: runner }],
    ['approval-requested', 'go/2', { approvers: ['bob@example.com'], min: 1 }],
    ['approval-replaced', 'go/2', { was: { decision: 'rejected', reason: 'replaced-reason', by: bob } }, bob],
    ['approval-given', 'go/2', { decision: 'approved', reason: 'approved-reason', by: bob, sig: 'x' }, bob],
    ['approval-requested', 'go/3', { approvers: ['bob@example.com'], min: 1 }],
    ['approval-rejected', 'go/3', { decision: 'rejected', reason: 'rejected-reason', by: bob }, bob],
    ['step-finished', 'go', ended('passed', 'approved by bob')],
    ['step-started', 'watch#1', {}],
    ['wait-began', 'watch#1/until', { message: 'until 09:00' }],
    ['gate-sampled', 'watch#1/1/1', { verdict: 'no-data', reason: 'no series', metrics: [], tick: 1, of: 8 }],
    ['gate-watched', 'watch#1/1', { verdict: 'inconclusive', reason: 'too few samples' }],
    [
      'gate-answered',
      'watch#1/inconclusive/1',
      { answer: 'accept', reason: 'accepted-reason', by: terminal },
      terminal,
    ],
    ['run-included', 'watch/1', { run: '20261120-081500-inner-b222', runbook: 'inner' }],
    ['budget-exceeded', 'watch', { message: 'ran for too long', tookMs: 9, budgetMs: 1 }],
    ['step-finished', 'watch', passed],
    ['step-started', 'ship#1', {}],
    ['step-ended', 'ship#1', passed],
    ['step-failed', 'ship#1', ended('failed', 'exited with code 3')],
    ['rollback-started', '', { reason: 'rollback-reason', step: 'ship' }],
    ['undo-started', 'ship#1', {}],
    ['undo-ended', 'ship#1', passed],
    ['undo-finished', 'ship', { message: 'exited with code 0' }],
    [
      'run-ended',
      '',
      { status: 'rolled-back', message: 'Step `ship` exited with code 3; undone: ship', step: 'ship' },
    ],
  ])
  const read = readRunOrProblem(state, run, () => ({ check: undefined, source: 'none' }))
  if (!isReadable(read)) throw new Error(read.problem)
  readable = read
})

afterAll(() => space[Symbol.dispose]())

const kinds = await makeKinds().load()
const around = { links: linksFrom('/'), today: undefined, kinds, checkedAt: '2026-11-21T10:00:00.000Z' }

/** What a person reads at the terminal while the events come. */
function screen(): string {
  const lines: string[] = []
  const io = {
    note: (text: string) => lines.push(text),
    out: (text: string) => lines.push(text),
    write: (text: string) => lines.push(text),
    style: (_: unknown, text: string) => text,
  } as unknown as Io
  const reporter = textReporter(readable.plan, kinds, io)
  for (const event of events) reporter.onEvent(event, '')
  return lines.join('\n')
}

async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await space.runbook(args)
  expect([args, code, stderr]).toEqual([args, 0, expect.any(String)])
  return stdout
}

const tellers: [name: string, text: () => string | Promise<string>][] = [
  ['the terminal', screen],
  ['log', () => printed('log', run)],
  ['the page of the run', () => runPage(readable, around).markup],
  ['the checklist', () => checklistPage(readable, around).markup],
  ['the export as HTML', () => printed('export', run, '--format', 'html')],
  ['the export as Markdown', () => printed('export', run, '--format', 'markdown')],
  ['the export as JSON', () => printed('export', run, '--format', 'json')],
  ['the export as JUnit', () => printed('export', run, '--format', 'junit')],
  ['the attestation', () => JSON.stringify(intotoStatement(readable, ''))],
  [
    'the statement of a bundle',
    () =>
      statement(events, readFileSync(join(readable.folder, 'plan.json'), 'utf8'), {
        run,
        verified: true,
        ended: true,
        signed: false,
        checks: [],
      }),
  ],
  [
    'the draft of a postmortem',
    async () => {
      await printed('postmortem', run, '--out', 'post.mdx')
      return readFileSync(join(space.root, 'post.mdx'), 'utf8')
    },
  ],
]

test('a recorded run can hold every type of event', () => {
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(eventTypes))
})

test.each(tellers)('%s tells every decision, skip, answer, expiry and survivor of a run', async (_, text) => {
  const plain = (await text())
    .replaceAll(/\\([-_`*|<>#[\]])/g, '$1')
    .replaceAll('&#45;', '-')
    .replaceAll(/<\/?(code|q|b|span)[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
  expect(told.filter((words) => !plain.includes(words))).toEqual([])
})

test('every event has words, and an undo that passed is not told as a failure', () => {
  const { moments, head } = tell(events, readable.plan)
  expect(moments).toHaveLength(events.length)
  expect(moments.filter(({ what }) => what === '')).toEqual([])
  expect(moments.find(({ type }) => type === 'undo-ended')).toMatchObject({
    what: 'Undo ended',
    tone: 'info',
  })
  expect(moments.find(({ type }) => type === 'undo-finished')).toMatchObject({ what: 'Undone', tone: 'ok' })
  expect(runPage(readable, around).markup).not.toContain('Undo failed')
  expect(head).toMatchObject({ words: 'rolled back', tone: 'warn' })
})

test('the story of a run that waits names who may decide, and of one that goes on omits the answer', () => {
  const at = (type: string, nth = 0): number =>
    events.flatMap((event, index) => (event.type === type ? [index] : []))[nth] ?? 0
  const upTo = (index: number) => tell(events.slice(0, index + 1), readable.plan).head
  expect(upTo(at('run-paused'))).toMatchObject({
    status: 'waiting',
    message: 'Waiting for an approval of “Go or no-go”',
    waiting: { step: 'go', mayDecide: ['bob@example.com'] },
  })
  expect(upTo(at('approval-expired'))).toMatchObject({ status: 'running', message: '', waiting: undefined })
})
