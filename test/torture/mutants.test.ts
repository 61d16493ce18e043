import { expect, test } from 'vitest'
import { mutate } from '../../runner/scenarios/mutate.ts'
import { playSuite } from '../../runner/scenarios/suite.ts'
import { tell } from '../support/effort.ts'
import { shippedSuites } from '../support/shipped-scenarios.ts'

test('the scenarios of this repository notice nine of ten changes of its runbooks', async () => {
  let mutants = 0
  const survivors: string[] = []
  for (const suite of await shippedSuites()) {
    const report = await mutate(suite, await playSuite(suite))
    mutants += report.mutants
    for (const { steps, what } of report.survivors)
      survivors.push(`${suite.runbook.slug}#${steps[0]}: ${what}`)
  }
  tell(`${mutants} changes, ${mutants - survivors.length} noticed`)
  expect(1 - survivors.length / mutants, survivors.join('\n')).toBeGreaterThanOrEqual(0.9)
})
