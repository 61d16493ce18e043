import { expect, test } from 'vitest'
import { bodyFor } from './draft-situation.ts'

test.each([
  ["json.status == 'ok'", { status: 'ok' }],
  ['json.db.ready == true && json.db.lag == 0', { db: { ready: true, lag: 0 } }],
  ['json.__proto__.x == 1 && json.constructor == 1', {}],
  ["json.version == inputs.version || status == 'x'", {}],
])('the drafted answer to a request with the condition %s has the values it names', (condition, body) => {
  expect(bodyFor(condition)).toEqual(body)
})
