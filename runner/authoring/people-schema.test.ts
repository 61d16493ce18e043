import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { peopleFileSchema } from './editor-schema.ts'

test('the schema of people.yaml that is kept is the one that is made', () => {
  const file = new URL('../../schemas/people.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(peopleFileSchema())
})
