import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeStoredAlert } from '../../../runner/alerts/alert-store.ts'
import type { Alert } from '../runbooks/linked-alerts.ts'
import type { ReadableRun } from './recorded-runs.ts'
import { alertFigures, runbookFigures } from './use-figures.ts'

const options = { now: Date.parse('2026-11-30T00:00:00Z'), days: 90 }
const state = mkdtempSync(join(tmpdir(), 'runbook-figures-'))

afterAll(() => rmSync(state, { recursive: true, force: true }))

/** A run of two steps that took so many seconds each; the second one writes. */
function run(slug: string, seconds: [number, number], more: { alert?: string; acted?: boolean } = {}) {
  const at = (ms: number): string => new Date(Date.UTC(2026, 10, 20) + ms * 1000).toISOString()
  const told = ['look', 'act'].map((id, index) => ({
    id,
    status: 'passed',
    endedAt: 'x',
    ms: (seconds[index] ?? 0) * 1000,
  }))
  const status = more.acted === false ? 'skipped' : 'passed'
  return {
    run: slug,
    plan: { steps: [{ id: 'act', effect: 'write' }] },
    state: {
      slug,
      title: `The ${slug}`,
      status: 'succeeded',
      startedAt: at(0),
      endedAt: at(seconds[0] + seconds[1]),
      inputs: {},
      steps: new Map([['act', { status }]]),
    },
    story: { head: { ms: 1 }, steps: told },
    events: [{ data: more.alert === undefined ? {} : { alert: { name: more.alert } } }],
  } as unknown as ReadableRun
}

test('a runbook has its runs, its usual time and the steps that take longest, the most used first', () => {
  const runs = [run('rare', [1, 2]), run('often', [10, 60]), run('often', [10, 80]), run('often', [10, 70])]
  expect(runbookFigures(runs, options)).toMatchObject([
    {
      slug: 'often',
      title: 'The often',
      ended: 3,
      succeeded: 3,
      usualMs: 80_000,
      slowest: [
        { step: 'act', usualMs: 70_000 },
        { step: 'look', usualMs: 10_000 },
      ],
    },
    { slug: 'rare', ended: 1 },
  ])
})

test('the steps that take longest are those of real work of the last days, as the other figures are', () => {
  const old = run('often', [500, 1])
  old.state.startedAt = '2026-01-01T00:00:00Z'
  const practised = run('often', [900, 1])
  practised.state.practice = true
  const [often] = runbookFigures([run('often', [10, 60]), old, practised], options)
  expect(often?.slowest).toEqual([
    { step: 'act', usualMs: 60_000 },
    { step: 'look', usualMs: 10_000 },
  ])
})

test('an alert was received so often, and its runs acted or did not; one of a gone runbook counts too', () => {
  const received = (fingerprint: string, alertname: string, firstAt: string): void =>
    writeStoredAlert(state, {
      format: 1,
      fingerprint,
      alert: { labels: { alertname } } as never,
      firstAt,
      lastAt: firstAt,
      times: 3,
      problems: [],
    })
  received('aaaaaaaa', 'Burn', '2026-11-21T00:00:00.000Z')
  received('bbbbbbbb', 'Burn', '2026-11-22T00:00:00.000Z')
  received('cccccccc', 'Burn', '2026-01-01T00:00:00.000Z')
  const runs = [
    run('mend', [1, 1], { alert: 'Burn' }),
    run('mend', [1, 1], { alert: 'Burn', acted: false }),
    run('gone', [1, 1], { alert: 'Gone' }),
  ]
  const alerts = [{ name: 'Burn' }, { name: 'Quiet' }] as Alert[]
  expect(alertFigures(runs, alerts, state, options)).toEqual([
    { alert: 'Burn', runs: 2, withoutAction: 1, received: 2, leadsTo: alerts[0] },
    { alert: 'Gone', runs: 1, withoutAction: 0, received: 0, leadsTo: undefined },
    { alert: 'Quiet', runs: 0, withoutAction: 0, received: 0, leadsTo: alerts[1] },
  ])
})
