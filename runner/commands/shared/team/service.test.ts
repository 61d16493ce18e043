import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Config } from '../../../config.ts'
import { makeOrder } from '../../../team/order.ts'
import { statementOf } from '../../../team/statement.ts'
import { stopDoubt } from './service.ts'

const folder = mkdtempSync(join(tmpdir(), 'service-'))
afterAll(() => rmSync(folder, { recursive: true }))

const people = join(folder, 'people.yaml')
writeFileSync(
  people,
  `people:
  alice@example.com: { roles: [operator] }
  ci@services: { kind: service }
  alerts@services: { kind: service }
rights:
  ci@services: ["stop:release"]
`,
)

const orderOf = (slug: string, by: string) => ({
  slug,
  statement: statementOf(
    makeOrder({
      run: `20261130-081502-${slug}-k3f9`,
      slug,
      documentSha256: 'a'.repeat(64),
      includes: {},
      inputs: {},
      key: slug,
      wants: '',
      notBefore: '',
      expires: '2026-12-01T08:00:00.000Z',
      by: { id: by, host: 'x', via: 'order' },
      from: '',
      practice: false,
      alert: {},
    }),
  ),
})

test.each([
  ['alice@example.com', 'release', 'ci@services', undefined],
  ['ci@services', 'release', 'ci@services', undefined],
  ['ci@services', 'other', 'ci@services', 'people.yaml does not give ci@services the right `stop:other`'],
  ['ci@services', 'release', 'alice@example.com', 'ci@services did not make this order'],
  [
    'alerts@services',
    'release',
    'alerts@services',
    'people.yaml does not give alerts@services the right `stop:release`',
  ],
])('whether %s can withdraw an order of %s that %s made', (who, slug, by, doubt) => {
  expect(stopDoubt({ people } as Config, who, orderOf(slug, by))).toBe(doubt)
})
