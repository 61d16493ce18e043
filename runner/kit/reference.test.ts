import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cliReference } from './reference.ts'

const file = new URL('../../content/docs/cli.md', import.meta.url)

test('the page of the command line is what its table says; write it again with node scripts/cli-docs.ts', () => {
  expect(readFileSync(file, 'utf8')).toBe(cliReference())
})
