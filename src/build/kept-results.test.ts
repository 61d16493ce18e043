import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { keptResults } from './kept-results.ts'

const folder = mkdtempSync(join(tmpdir(), 'runbook-kept-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A build that asks for these texts, and which of them it had to make. */
function build(file: string, code: string, texts: string[]): string[] {
  const made: string[] = []
  const kept = keptResults(join(folder, file), code, (text) => {
    made.push(text)
    return { text: `${text}!` }
  })
  expect(texts.map((text) => kept.of(text).text)).toEqual(texts.map((text) => `${text}!`))
  kept.keep()
  return made
}

test('a result is made once, until its text, the code or the file changes', () => {
  expect(build('a/x.json', '1', ['a', 'b', 'a'])).toEqual(['a', 'b'])
  expect(build('a/x.json', '1', ['a', 'c'])).toEqual(['c'])
  // What a build does not ask for is forgotten.
  expect(build('a/x.json', '1', ['b', 'c'])).toEqual(['b'])
  expect(build('a/x.json', '2', ['b'])).toEqual(['b'])
})

test.each(['', '{', 'null', '{"code":"1"}', '{"code":"1","results":[1]}', '{"code":"1","results":{"x":1}}'])(
  'a file of %j counts as lost',
  (text) => {
    writeFileSync(join(folder, 'b.json'), text)
    expect(build('b.json', '1', ['a'])).toEqual(['a'])
  },
)
