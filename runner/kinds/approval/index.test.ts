import { expect, test } from 'vitest'
import { fakeContext } from '../../../test/support/fake-context.ts'
import { approval } from './index.ts'

const run = (attributes: object, answers: Record<string, object>, attempt = 1) => {
  const context = fakeContext({ step: { id: 'go', kind: 'approval' }, answers, attempt, now: 1000 })
  return approval.run(approval.params.parse(attributes), context).then((ended) => ({ ...ended, context }))
}
const yes = (id: string) => ({ decision: 'approved', reason: '', by: { id, host: 'h', via: 'approve' } })

test('it asks until enough people said yes, and tells each who did', async () => {
  const ended = await run({ approvers: 'boss', min: 2 }, { 'go/1': yes('ann'), 'go/2': yes('ben') })
  expect(ended.message).toBe('approved by ann and ben')
  expect(ended.context.asked.map(({ question }) => 'given' in question && question.given)).toEqual([
    [],
    ['ann'],
  ])
})

test('one no stops it, with its reason', async () => {
  const no = { decision: 'rejected', reason: 'not today' }
  const ended = await run({ approvers: 'boss', min: 2 }, { 'go/1': yes('ann'), 'go/2': no })
  expect([ended.status, ended.message]).toEqual(['rejected', 'rejected by bob@example.com: not today'])
})

test('a request that nobody decides in time expires, and another attempt asks anew', async () => {
  const late = { decision: 'expired', reason: 'nobody decided until then' }
  const first = await run({ approvers: 'boss', expires: '1h' }, { 'go/1': late })
  expect(first.status).toBe('expired')
  expect(first.context.asked[0]?.question).toMatchObject({ deadline: 3_601_000 })
  const second = await run({ approvers: 'boss', expires: '1h' }, { 'go/1': late, 'go/2': yes('ann') }, 2)
  expect([second.status, second.message]).toEqual(['passed', 'approved by ann'])
})

test('an approval cannot be told to go on after a no', () => {
  expect(approval.params.safeParse({ approvers: 'boss', onFailure: 'continue' }).success).toBe(false)
})
