import { expect, test } from 'vitest'
import { played, texts } from '../../../test/support/scenario-suite.ts'
import { newRunbook, templates } from '../new-runbook.ts'
import { templateScenarios } from './template-scenarios.ts'

test.each(templates)('the scenarios of the template %s pass as it is', async (template) => {
  const results = await played(newRunbook(template, 'Title'), templateScenarios[template])
  expect(results.length).toBeGreaterThanOrEqual(2)
  for (const result of results) expect(texts(result), result.scenario.name).toEqual([])
})
