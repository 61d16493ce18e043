import { expect, test } from 'vitest'
import { fakeContext, fenceOf } from '../../../test/support/fake-context.ts'
import type { Fakes } from '../../../test/support/fake-context.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { http } from './index.ts'
import { failure } from '../../model/problem.ts'

function stepOf(code: string): Partial<PlannedStep> {
  const fences = [fenceOf('http', code)]
  return { fences, effect: http.effect(http.params.parse({}), { fences }) }
}

function run(attributes: object, answer: Fakes['http'], code = 'GET http://127.0.0.1/health') {
  const context = fakeContext({ step: stepOf(code), ...(answer ? { http: answer } : {}) })
  return http.run(http.params.parse(attributes), context)
}

test.each([
  [200, '200-299', 'passed'],
  [299, '200-299', 'passed'],
  [302, '200-299', 'failed'],
  [304, '200-299, 304', 'passed'],
  [500, '200', 'failed'],
])('%i against %s has %s', async (status, wanted, outcome) => {
  expect((await run({ status: wanted }, () => ({ status }))).status).toBe(outcome)
})

test('an expression sees status, headers, text, json and duration', async () => {
  const answer = () => ({ status: 201, headers: { etag: '"7"' }, text: '{"id": 5}', ms: 12 })
  const held =
    'status == 201 && headers.etag == "\\"7\\"" && json.id == 5 && duration < 100 && text.contains("id")'
  expect((await run({ expect: held }, answer)).status).toBe('passed')
  expect((await run({ expect: 'json.id == 6' }, answer)).message).toBe(
    'answered 201 in 12 ms, `json.id == 6` does not hold: `json.id` is 5',
  )
})

test('values become outputs', async () => {
  const answer = () => ({ text: '{"id": 5, "name": "x"}', headers: { etag: 'e' } })
  const ran = await run(
    { outputs: 'id name etag', values: "{'id': json.id, 'name': json.name, 'etag': headers.etag}" },
    answer,
  )
  expect(ran.outputs).toEqual({ id: '5', name: 'x', etag: 'e' })
})

test('an answer longer than the limit fails instead of being cut in silence', async () => {
  const ran = await run({ maxBytes: 10 }, () => ({ text: '0123456789', cut: true }))
  expect(ran.message).toBe('answered 200 in 1 ms, with more than 10 bytes')
})

test('headers that prove who somebody is are not kept', async () => {
  const ran = await run({}, () => ({ headers: { 'set-cookie': 'session=abc', etag: 'e' } }))
  expect(JSON.stringify(ran)).not.toContain('abc')
  expect(ran.data).toMatchObject({ response: { headers: { 'set-cookie': '[redacted]', etag: 'e' } } })
})

test('what is shown of a request hides its credentials', () => {
  const step = {
    ...fakeContext({ step: stepOf('GET http://127.0.0.1/\nAuthorization: Bearer abc\nAccept: text/plain') })
      .step,
  }
  const shown = JSON.stringify(http.view(http.params.parse({}), step))
  expect(shown).not.toContain('abc')
  expect(shown).toContain('text/plain')
})

test('with until it asks again until the answer is right', async () => {
  const ran = await run({ until: '1m', interval: '1s' }, (_, time) => ({ status: time < 4 ? 503 : 200 }))
  expect(ran.message).toBe('answered 200 in 1 ms, at look 4')
})

test('a request that writes is never repeated', async () => {
  let sent = 0
  const ran = await run({ until: '1m' }, () => ({ status: 500 + sent++ }), 'POST http://127.0.0.1/')
  expect([ran.status, sent]).toEqual(['failed', 0])
})

test('an answer that was not received is unknown, not failed', async () => {
  expect(
    (await run({}, () => failure('it timed out', { code: 'unknown' }), 'POST http://127.0.0.1/')).status,
  ).toBe('unknown')
})
