import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Every module that a module loads before it runs, and the packages among them. */
function loadedBy(entry: string): Set<string> {
  const loaded = new Set<string>()
  const visit = (file: string): void => {
    if (loaded.has(file)) return
    loaded.add(file)
    // An import of types is gone then.
    const text = stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'))
    for (const [, from = ''] of text.matchAll(/^(?:import|export)\b[^'"`;]*?from '([^']+)'/gm)) {
      if (from.startsWith('.')) visit(relative(root, join(root, dirname(file), from)))
      else loaded.add(from)
    }
  }
  visit(entry)
  return loaded
}

test.each([
  'runner/commands/main.ts',
  'runner/commands/exec/execute.ts',
  'runner/commands/resume/resume-command.ts',
  'runner/commands/approve/decide.ts',
  'runner/commands/log/log-command.ts',
  'runner/commands/verify/verify-command.ts',
  'runner/commands/serve/serve-command.ts',
])('%s loads no part of team mode on one machine', (entry) => {
  const loaded = [...loadedBy(entry)]
  expect(loaded.length).toBeGreaterThan(10)
  expect(loaded.filter((one) => /^(pg|@dbos-inc)|^runner\/team\//.test(one))).toEqual([])
})

test('the commands of a team load it', () => {
  expect(
    [...loadedBy('runner/team/database/postgres.ts')].some((one) => one.startsWith('runner/team/')),
  ).toBe(true)
  expect([...loadedBy('runner/commands/runner/runner-command.ts')]).toContain('runner/team/notices.ts')
})
