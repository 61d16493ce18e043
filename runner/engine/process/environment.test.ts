import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentTable } from './environment.ts'

test('the guide names every variable that a step finds', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../content/docs/running.md'), 'utf8')
  const chapter = guide.split('## Environment of a step')[1]?.split('\n## ')[0] ?? ''
  const missing = environmentTable
    .map(({ name }) => name.toUpperCase())
    .filter((name) => !chapter.includes(`\`${name}\``))
  expect(missing).toEqual([])
})
