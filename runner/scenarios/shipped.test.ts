import { expect, test } from 'vitest'
import { shippedSuites } from '../../test/support/shipped-scenarios.ts'
import { mutate } from './mutate.ts'
import { playSuite } from './suite.ts'

test('every runbook of this repository has scenarios, and each of them passes', async () => {
  const failed: string[] = []
  for (const suite of await shippedSuites())
    for (const { scenario, differences } of await playSuite(suite))
      for (const { what, actual, expected } of differences)
        failed.push(`${suite.runbook.slug}, ${scenario.name}: ${what}: ${actual}, expected ${expected}`)
  expect(failed).toEqual([])
})

test('each of them is about something else, and says more than how the run ends', async () => {
  const idle: string[] = []
  for (const { runbook, file } of await shippedSuites()) {
    const situations = new Set<string>()
    for (const { name, expect: expected, ...situation } of file.scenarios) {
      const key = JSON.stringify(situation)
      if (situations.has(key)) idle.push(`${runbook.slug}, ${name}: another scenario has its situation`)
      situations.add(key)
      if (Object.keys(expected).filter((field) => field !== 'ends').length === 0)
        idle.push(`${runbook.slug}, ${name}: it expects only an end`)
    }
  }
  expect(idle).toEqual([])
})

test('they notice nine of ten changes of the small runbooks; the long tests try the changes of all', async () => {
  let [mutants, survivors] = [0, 0]
  const small = ['rollback', 'kill-switch', 'incident-database-locks', 'release-tag', 'status-page-update']
  for (const suite of await shippedSuites()) {
    if (!small.includes(suite.runbook.slug)) continue
    const report = await mutate(suite, await playSuite(suite))
    mutants += report.mutants
    survivors += report.survivors.length
  }
  expect(mutants).toBeGreaterThan(60)
  expect(1 - survivors / mutants).toBeGreaterThanOrEqual(0.9)
})
