import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { runIds } from '../../support/attack/attack.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Ran, Workspace } from '../../support/workspace.ts'

const recipe = resolve(import.meta.dirname, '../../../runner/journal/recipe/verify.sh')
const half = '{"actor":{"host":"h"'

interface Judged {
  verify: Ran
  audit: Ran
  recipe: { status: number | null; stdout: string }
}

/** Runs a document, cuts a write at the end of its journal, and judges it. */
async function judgeTorn(space: Workspace): Promise<Judged> {
  await space.runbook(['exec', 'r', '--yes'])
  const folder = join(space.root, '.runbook/runs', runIds(space.root)[0] ?? '')
  appendFileSync(join(folder, 'run.jsonl'), half)
  return {
    verify: await space.runbook(['verify', 'last']),
    audit: await space.runbook(['audit']),
    recipe: spawnSync('sh', [recipe, folder], { encoding: 'utf8' }),
  }
}

test('a write that a crash cut does not make an open run fail, and the resume sets it aside', async () => {
  using space = workspace({
    'content/runbooks/r.mdx': page(
      `${commandStep('a', 'echo a')}<Approval id="go" title="Go?" approvers="bob@example.com" />\n`,
    ),
  })
  const { verify, audit, recipe: said } = await judgeTorn(space)
  expect(verify.stdout).toContain('it was cut in mid-line, as by a crash')
  expect([verify.code, audit.code, said.status]).toEqual([7, 0, 7])
  expect(said.stdout).toContain('a write after the last event was cut')
  await space.runbook(['resume', 'last'])
  const folder = join(space.root, '.runbook/runs', runIds(space.root)[0] ?? '')
  expect(readFileSync(join(folder, 'run.jsonl'), 'utf8')).not.toContain(`${half}{`)
  expect((await space.runbook(['verify', 'last'])).stdout).not.toContain('mid-line')
})

test('a write that was cut behind the end of a sealed run makes it fail', async () => {
  using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'echo a')) })
  const { verify, audit, recipe: said } = await judgeTorn(space)
  expect([verify.code, audit.code, said.status]).toEqual([1, 1, 1])
})
