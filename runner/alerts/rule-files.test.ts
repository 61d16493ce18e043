import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isRulePath, rulePlaces } from './rule-files.ts'

const root = mkdtempSync(join(tmpdir(), 'rule-files-'))
mkdirSync(join(root, 'rules'))
afterAll(() => rmSync(root, { recursive: true }))

test.each([
  ['rules', 'rules/new/a.yml', true],
  ['rules', 'rules/notes.txt', false],
  ['rules', 'rules/.hidden/a.yml', false],
  ['rules', 'other/a.yml', false],
  ['rules/a.yml', 'rules/a.yml', true],
  ['./rules/*.rules', 'rules/a.rules', true],
  ['rules/**/*.yml', 'rules/new/a.yml', true],
  ['**/*.yml', '.runbook/runs/x/plan.yml', false],
  ['**/*.yml', 'dist/site-cache/standing.json', false],
])('of the rules %s, a change of %s is one: %s', (wanted, path, isRule) => {
  expect(isRulePath(join(root, path), [wanted], root)).toBe(isRule)
})

test('a change is looked for in the folder before the first pattern of a glob', () => {
  expect(rulePlaces(['rules', 'rules/**/*.yml', '**/*.yml', 'later'], root)).toEqual([
    join(root, 'rules'),
    join(root, 'rules'),
    root,
    join(root, 'later'),
  ])
})
