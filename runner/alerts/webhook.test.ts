import { expect, test } from 'vitest'
import { readWebhook } from './webhook.ts'

test('annotations that a sender in Go left empty are none', () => {
  const body = (annotations: unknown): string =>
    JSON.stringify({ version: '4', alerts: [{ labels: { alertname: 'Down' }, annotations }] })
  expect(readWebhook(body(null))).toMatchObject({ value: { alerts: [{ annotations: {} }] } })
  expect(readWebhook(body(undefined))).toMatchObject({ value: { alerts: [{ annotations: {} }] } })
  expect(readWebhook(body('x'))).toMatchObject({ ok: false })
})
