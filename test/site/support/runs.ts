import { makeKinds } from '../../../runner/kinds/index.ts'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Event, EventType } from '../../../runner/journal/record/event.ts'
import { files, runFolder } from '../../../runner/journal/record/run-store.ts'
import { openJournal, sha256 as sha256Of } from '../../../runner/journal/record/write-journal.ts'
import { listEntries, readEntry } from '../../../runner/library.ts'
import type { JsonObject } from '../../../runner/model/values/json.ts'
import type { Plan } from '../../../runner/model/plan.ts'
import { plannedFrom } from '../../../src/remark/planned-step.ts'

export const alice = { id: 'alice', host: 'laptop', via: 'terminal' }
export const bob = { id: 'bob', host: 'ops-1', via: 'approve' }

type Fact = [type: EventType, key: string, data: JsonObject, actor?: typeof alice]

/** Writes a run as the runner would: its document, plan and journal, one event a second. */
export async function recordRun(
  state: string,
  run: string,
  content: string,
  slug: string,
  facts: Fact[],
  change = (text: string): string => text,
): Promise<Event[]> {
  const folder = runFolder(state, run)
  mkdirSync(join(folder, files.steps), { recursive: true })
  const entry = listEntries(content).find((candidate) => candidate.slug === slug)
  if (!entry) throw new Error(`no runbook ${slug}`)
  const { runbook, bytes } = await readEntry(entry, process.cwd(), makeKinds())
  if (!runbook) throw new Error(`runbook ${slug} has errors`)
  const document = change(bytes.toString('utf8'))
  const sha256 = sha256Of(document)
  const steps = runbook.steps.map(plannedFrom)
  const inputs = { version: '1.4.0', environment: 'lab' }
  const plan = {
    format: 1,
    slug,
    title: runbook.meta.title,
    file: runbook.file,
    sha256,
    inputs,
    secrets: ['api_key'],
    requires: {},
    env: {},
    concurrency: slug,
    selfApproval: false,
    steps,
  } satisfies Plan
  const planText = JSON.stringify(plan)
  writeFileSync(join(folder, files.plan), planText)
  writeFileSync(join(folder, files.document), document)
  let seconds = 0
  const now = (): Date => new Date(Date.UTC(2026, 10, 20, 8, 14, seconds++))
  const journal = openJournal(join(folder, files.journal), { run, now })
  const start = {
    slug,
    title: plan.title,
    inputs,
    steps: steps.map(({ id }) => id),
    planSha256: sha256Of(planText),
    documentSha256: sha256,
  }
  journal.append('run-started', '', start, alice)
  for (const [type, key, data, actor] of facts)
    journal.append(type, key, data, actor ?? { ...alice, via: 'runner' })
  journal.close()
  return [...journal.events]
}

/** Writes what a process printed beside the journal, and returns the result that names it. */
export function printed(state: string, run: string, step: string, text: string, code = 0): JsonObject {
  const file = `${files.steps}/${step}.1.stdout`
  const path = join(runFolder(state, run), file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  const process = {
    status: 'exit',
    code,
    ms: 1200,
    files: [{ stream: 'stdout', file, bytes: Buffer.byteLength(text), sha256: sha256Of(text) }],
  }
  return {
    status: code === 0 ? 'passed' : 'failed',
    message: `exited with code ${code}`,
    outputs: {},
    data: { process },
  }
}

const passed = (step: string): Fact => [
  'step-finished',
  step,
  { status: 'passed', message: 'exited with code 0', outputs: {} },
]

/** What a gate records, tick by tick: rising, once beyond its limit, once without data. */
function gateSamples(step: string): Fact[] {
  return [0.002, 0.004, 0.006, undefined, 0.012, 0.007, 0.003, 0.002].map((value, tick): Fact => {
    const verdict = value === undefined ? 'no-data' : value >= 0.01 ? 'violation' : 'ok'
    const metric = {
      name: '',
      query: 'ratio of http_requests_total',
      verdict,
      side: 'below',
      limit: '0.01',
      limitText: '1%',
      unit: '%',
      factor: '0.01',
      reason: '',
    }
    return [
      'gate-sampled',
      `${step}#1/0/1/${tick + 1}`,
      {
        tick: tick + 1,
        of: 8,
        verdict,
        metrics: [{ ...metric, value: value === undefined ? '' : String(value) }],
      },
    ]
  })
}

/** Writes a run of a runbook of which every step passed. */
export async function recordWholeRun(
  state: string,
  run: string,
  content: string,
  slug: string,
): Promise<void> {
  const entry = listEntries(content).find((candidate) => candidate.slug === slug)
  const steps = entry && (await readEntry(entry, process.cwd(), makeKinds())).runbook?.steps
  const facts = (steps ?? []).flatMap(({ id }): Fact[] => [
    ['step-started', `${id}#1`, {}],
    ['step-ended', `${id}#1`, printed(state, run, id, 'ok\n')],
    passed(id),
  ])
  const end: Fact = ['run-ended', '', { status: 'succeeded', message: 'All steps are done' }]
  await recordRun(state, run, content, slug, [...facts, end])
}

/** A run that went well, one that failed, one that waits, and one whose journal was changed afterwards. */
export async function sampleRuns(state: string, content: string): Promise<void> {
  const good = '20261120-081400-release-checklist-k3f9'
  const red = '\u001B[31mfailed\u001B[0m'
  await recordRun(state, good, content, 'release-checklist', [
    ['step-started', 'clean-tree#1', {}],
    [
      'step-ended',
      'clean-tree#1',
      printed(state, good, 'clean-tree', 'ok \u001B[1;32mclean\u001B[0m <script>alert(1)</script>\n'),
    ],
    passed('clean-tree'),
    ['step-started', 'sign-off#1', {}],
    [
      'task-ticked',
      'sign-off/1',
      { answer: 'done', text: 'Support knows the date', note: 'told at stand-up', by: alice },
      alice,
    ],
    [
      'step-ended',
      'sign-off#1',
      {
        status: 'passed',
        message: '1 of 1 tasks answered',
        outputs: {},
        data: {
          tasks: [{ text: 'Support knows the date', answer: 'done', note: 'told at stand-up', by: alice }],
        },
      },
    ],
    passed('sign-off'),
    ['step-confirmed', 'tag#1/go', { answer: 'go', by: alice }, alice],
    ['step-started', 'tag#1', {}],
    ['step-ended', 'tag#1', printed(state, good, 'tag', 'progress 10%\rprogress 100%\ntagged v1.4.0\n')],
    passed('tag'),
    ...gateSamples('smoke'),
    [
      'step-finished',
      'publish',
      { status: 'skipped', message: 'was skipped by alice: nothing to say', outputs: {} },
    ],
    ['approval-given', 'go/1', { decision: 'approved', reason: 'samples look good', by: bob }, bob],
    [
      'step-ended',
      'go#1',
      {
        status: 'passed',
        message: 'approved by bob',
        outputs: {},
        data: { decisions: [{ decision: 'approved', reason: 'samples look good', by: bob }] },
      },
    ],
    passed('go'),
    ['run-ended', '', { status: 'succeeded', message: 'All steps are done' }],
  ])
  const bad = '20261119-220000-release-checklist-x2aa'
  await recordRun(
    state,
    bad,
    content,
    'release-checklist',
    [
      ['step-started', 'clean-tree#1', {}],
      [
        'step-ended',
        'clean-tree#1',
        printed(state, bad, 'clean-tree', `${red}\n${'line of a long log\n'.repeat(60)}`, 1),
      ],
      ['step-failed', 'clean-tree#1', { status: 'failed', message: 'exited with code 1', outputs: {} }],
      ['run-ended', '', { status: 'failed', message: 'Step `clean-tree` exited with code 1' }],
    ],
    (text) => text.replace('Nothing is uncommitted', 'The tree is clean').replace('Let it soak', 'Soak'),
  )
  await recordRun(state, '20261121-090000-release-checklist-w8tt', content, 'release-checklist', [
    ['step-started', 'go#1', {}],
    ['approval-requested', 'go/1', { approvers: ['sre'], min: 1 }],
    ['run-paused', '', { topic: 'go/1', message: 'It waits for an approval of step `go`' }],
  ])
  const broken = join(runFolder(state, '20261101-000000-release-checklist-zzzz'), files.journal)
  mkdirSync(dirname(broken), { recursive: true })
  writeFileSync(broken, '{"v":1,"seq":3}\n')
}
