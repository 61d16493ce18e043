import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '../../kinds/all.ts'
import { listEntries } from '../../library.ts'
import { storedParams, readParams, recallParams } from './step-params.ts'
import { readRunbook } from '../read-runbook.ts'
import type { Literal, Step } from '../runbook.ts'

const content = join(import.meta.dirname, '../../../content/runbooks')
const steps = listEntries(content).flatMap(
  ({ path, slug }) =>
    readRunbook(
      { file: slug, slug, bytes: readFileSync(path), format: path.endsWith('.md') ? 'md' : 'mdx' },
      kinds,
    ).runbook?.steps ?? [],
)

function kindOf(step: Step): (typeof kinds)[number] {
  const kind = kinds.find(({ name }) => name === step.kind)
  if (!kind) throw new Error(`There is no kind ${step.kind}`)
  return kind
}

const literalsOf = (step: Step): Record<string, Literal> =>
  Object.fromEntries(Object.entries(step.attributes).map(([name, { value }]) => [name, value]))

test('what is kept of the steps of our runbooks is what their schemas say, also after a file', () => {
  const validated = steps.map((step) => readParams(kindOf(step), literalsOf(step)))
  const kept = storedParams(steps, kinds)
  expect(kept.length).toBeGreaterThan(50)
  recallParams(JSON.parse(JSON.stringify(kept)))
  expect(steps.map((step) => readParams(kindOf(step), literalsOf(step)))).toEqual(validated)
})

test('a step that waits for a value is not kept', () => {
  const templated = steps.filter(({ attributes }) => JSON.stringify(attributes).includes('${{'))
  expect(templated.length).toBeGreaterThan(0)
  expect(storedParams(templated, kinds)).toEqual([])
})
