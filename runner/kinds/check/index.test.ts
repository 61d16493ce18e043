import { expect, test } from 'vitest'
import { fakeContext, fenceOf } from '../../../test/support/fake-context.ts'
import type { Fakes } from '../../../test/support/fake-context.ts'
import { check } from './index.ts'

async function run(attributes: object, fakes: Fakes) {
  const context = fakeContext({ step: { fences: [fenceOf('bash', 'true')] }, ...fakes })
  return { ...(await check.run(check.params.parse(attributes), context)), slept: context.slept }
}

test('a check passes with exit code 0 and fails with any other', async () => {
  expect((await run({}, { scripts: [{ code: 0 }] })).status).toBe('passed')
  expect((await run({}, { scripts: [{ code: 7 }] })).message).toBe('exited with code 7')
})

test('what it printed must be as expected, beside its exit code', async () => {
  const scripts = [{ code: 0, printed: '{"ready": 2}\n' }]
  expect((await run({ expect: 'json.ready == 2 && size(lines) == 1' }, { scripts })).status).toBe('passed')
  const other = await run({ expect: 'text == "ready"' }, { scripts })
  expect([other.status, other.message]).toEqual([
    'failed',
    expect.stringMatching(/^exited with code 0, but `text == "ready"` does not hold: `text` is /),
  ])
  expect((await run({ expect: 'json.missing > 1' }, { scripts })).message).toContain('has no value')
  expect((await run({ expect: 'text == ""' }, { scripts: [{ code: 1 }] })).status).toBe('failed')
})

test('with until it looks again until it holds', async () => {
  const scripts = [{ code: 1 }, { code: 1 }, { code: 0 }]
  const ran = await run({ until: '1m', interval: '10s' }, { scripts })
  expect(ran).toMatchObject({
    status: 'passed',
    message: 'exited with code 0, at look 3',
    slept: [10_000, 10_000],
  })
})

test('with until it stops when the time is over, and says how often it looked', async () => {
  const ran = await run({ until: '1m', interval: '20s' }, { scripts: [{ code: 1 }] })
  expect(ran).toMatchObject({
    status: 'failed',
    message: 'exited with code 1, and did not hold within 1m (3 looks)',
  })
})

test('a check that is stopped between two looks is cancelled, not failed', async () => {
  const stop = new AbortController()
  stop.abort()
  const ran = await run({ until: '1m' }, { scripts: [{ code: 1 }], signal: stop.signal })
  expect(ran.status).toBe('cancelled')
})
