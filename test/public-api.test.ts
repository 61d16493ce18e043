import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'content/docs/api.md'), 'utf8')

/** The names that a module exports, types included. */
function exportsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim()),
  )
}

test.each([
  ['runbook', 'runner/index.ts'],
  ['runbook/reader', 'runner/reader.ts'],
  ['runbook/flags', 'runner/flags/index.ts'],
])('the page of modules names every export of %s in its chapter', (module, file) => {
  const chapter = page.split(`## \`${module}\``)[1]?.split('\n## ')[0] ?? ''
  expect(exportsOf(file).length).toBeGreaterThan(5)
  expect(exportsOf(file).filter((name) => !new RegExp(`\`${name}[\`(]`).test(chapter))).toEqual([])
})
