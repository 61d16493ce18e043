import { expect, test } from 'vitest'
import { fakeContext } from '../../../test/support/fake-context.ts'
import { checklist } from './index.ts'

const place = { file: 'x.mdx', line: 1, column: 1 }

test('each task is asked for by itself, and kept with its answer', async () => {
  const answers = {
    'one/1': { answer: 'done', note: 'seen', evidence: 'https://example.com/1' },
    'one/2': { answer: 'not-applicable', note: 'no database', evidence: '' },
  }
  const tasks = ['Backups ran', 'Replica is up'].map((text) => ({ text, place }))
  const context = fakeContext({ step: { tasks }, answers })
  const ended = await checklist.run(checklist.params.parse({}), context)
  expect(ended.message).toBe('2 of 2 tasks answered, 1 of them not applicable')
  expect(ended.data).toMatchObject({
    tasks: [{ text: 'Backups ran', note: 'seen' }, { answer: 'not-applicable' }],
  })
})
