import { expect, test } from 'vitest'
import type { PlannedStep } from '../../../runner/model/plan.ts'
import type { ReadableRun } from '../../../runner/pages/readable-run.ts'
import { gather } from './requirements.ts'

const step = (refs: string) => ({ id: 'sign', title: 'Sign', attributes: { refs } }) as unknown as PlannedStep
const page = { slug: 'release', title: 'Release', meta: { refs: ['NFR-2'] }, steps: [step('NFR-3, NFR-2')] }

function run(id: string, status: string, signed: string, refs = 'NFR-3') {
  const steps = new Map([['sign', { id: 'sign', status: signed, attempts: 1 }]])
  const state = { run: id, slug: 'release', status, startedAt: `2026-01-0${id}T00:00:00Z`, steps }
  return { state, plan: { steps: [step(refs)] } } as unknown as ReadableRun
}

const list = {
  'FR-1': { says: 'Nothing shows it' },
  'NFR-3': { says: 'Code is signed' },
  'NFR-2': { says: 'Checked' },
}
const runOf = (runs: ReadableRun[], id: string) =>
  gather(list, [page], runs)
    .find((one) => one.id === id)
    ?.shownBy.map((one) => [one.step?.id, one.run?.id])

test('each requirement has the runbooks and steps that refer to it, and one that nothing shows is listed too', () => {
  expect(gather(list, [page], []).map(({ id, shownBy }) => [id, shownBy.length])).toEqual([
    ['FR-1', 0],
    ['NFR-3', 1],
    ['NFR-2', 2],
  ])
  expect(gather({}, [page], []).map(({ id, says }) => [id, says])).toEqual([
    ['NFR-2', ''],
    ['NFR-3', ''],
  ])
})

test('a run shows a runbook when it succeeded, and a step when it passed under this reference, even if the run failed', () => {
  const runs = [
    run('4', 'failed', 'failed'),
    run('3', 'failed', 'passed', 'FR-1'),
    run('2', 'failed', 'passed'),
    run('1', 'succeeded', 'passed'),
  ]
  expect(runOf(runs, 'NFR-3')).toEqual([['sign', '2']])
  expect(runOf(runs, 'NFR-2')).toEqual([
    [undefined, '1'],
    ['sign', undefined],
  ])
})
