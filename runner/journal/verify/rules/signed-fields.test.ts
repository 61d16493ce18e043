import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import {
  decide,
  eventsOf,
  makePlan,
  makeStep,
  people,
  requestFact,
  start,
  startFact,
} from '../../../../test/support/evidence.ts'
import { recipeRules } from '../../../../test/support/presence-recipe.ts'
import { sha256 } from '../../record/write-journal.ts'
import type { Json } from '../../../model/values/json.ts'
import type { ApprovalPayload } from '../evidence.ts'
import { decisionProblems } from './approvals.ts'
import { otherField } from './signed-fields.ts'

/** The problems of a decision whose signed text differs from the record in one field. */
function problemsWith(change: Partial<ApprovalPayload>): string[] {
  const plan = makePlan('# Release\n', [makeStep('go', 'approval')])
  const specimen = { run: '20261121-090010-release-abcd', plan, signers: undefined }
  const facts = [
    startFact(specimen, people.alice, start),
    requestFact(plan, 'go/1', people.alice, start + 10),
  ]
  const decision = decide({ ...specimen, facts }, 'go/1', {
    by: people.bob,
    key: undefined,
    at: start + 20,
    change,
  })
  const { events, lines } = eventsOf({ run: specimen.run, facts: [...facts, decision] })
  const context = { events, hashes: lines.map((line) => sha256(line)), plan: plan as unknown as Json, sha256 }
  return decisionProblems(events[2]!, context, false)
}

const changes = {
  run: '20261121-090011-release-abcd',
  step: 'other',
  topic: 'go/2',
  by: people.carol,
  requestedBy: people.carol,
  planSha256: '0'.repeat(64),
  inputsSha256: '0'.repeat(64),
  shownSha256: '0'.repeat(64),
}

test('a decision that was signed for something else says it in words, and names no field', () => {
  expect(problemsWith({})).toEqual([])
  expect(problemsWith({ requestedBy: people.carol })).toEqual(['The decision was made for another requester'])
  expect(problemsWith({ inputsSha256: changes.inputsSha256 })).toEqual([
    'The decision was made for other inputs',
  ])
  const said = Object.entries(changes).flatMap(([name, value]) => problemsWith({ [name]: value }))
  expect(said).toHaveLength(Object.keys(changes).length)
  expect(said.filter((problem) => /[a-z][A-Z]|Sha256|`/.test(problem))).toEqual([])
})

test('the shell recipe has the same words', () => {
  const names = [...Object.keys(changes), 'v', 'purpose', 'decision', 'reason', 'answers', 'constructor']
  const input = names.map((name) => JSON.stringify(name)).join('\n')
  const printed = execFileSync('jq', ['-r', `${recipeRules}\notherField`], { input, encoding: 'utf8' })
  expect(printed.trim().split('\n')).toEqual(names.map(otherField))
})
