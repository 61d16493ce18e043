import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkerOf, trustIn } from '../engine/sign/trust.ts'
import { fold } from './fold.ts'
import { readJournal } from './record/read-journal.ts'
import { verifyFolder } from './verify/verify-evidence.ts'

const recorded = join(import.meta.dirname, '../../test/journals/v1')
const recipe = join(import.meta.dirname, 'recipe/verify.sh')

/** What is said of a run today, in a form that later versions may add to but not take from. */
function summary(folder: string): object {
  const { run, slug, status, message, steps, outputs } = fold(readJournal(join(folder, 'run.jsonl')))
  const ends = [...steps.values()].map(({ id, status: end, attempts, undo }) => ({
    id,
    status: end,
    attempts,
    undo: undo?.status,
  }))
  return JSON.parse(JSON.stringify({ run, slug, status, message, steps: ends, outputs })) as object
}

describe.each(readdirSync(recorded))('the run %s, recorded by version 1 of the format,', (name) => {
  const folder = join(recorded, name)

  test('folds to the state it had', () => {
    const file = join(folder, 'expected.json')
    if (process.env['UPDATE'] === 'new')
      writeFileSync(file, `${JSON.stringify(summary(folder), undefined, 2)}\n`)
    expect(summary(folder)).toMatchObject(JSON.parse(readFileSync(file, 'utf8')) as object)
  })

  test('verifies, and by the recipe too', () => {
    const { verified, signed } = verifyFolder(folder, checkerOf(trustIn(folder), process.env))
    expect({ verified, signed }).toEqual({ verified: true, signed: name !== 'unsigned' })
    expect(spawnSync('sh', [recipe, folder], { encoding: 'utf8' })).toMatchObject({ status: 0 })
  })
})
