import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { bigRun } from '../support/big-run.ts'
import { writeSpecimen } from '../support/evidence.ts'
import { workspace } from '../support/workspace.ts'
import { interleave } from './measure.ts'
import type { Row } from './table.ts'

const budgetMs = 500
const recipeBudgetMs = 5000
const recipe = join(import.meta.dirname, '../../runner/journal/recipe/verify.sh')

/** Ten thousand events, chain, signatures, approvals and files: the whole command, and the shell recipe. */
export function verifying(packaged: string): Row[] {
  using space = workspace({})
  const folder = join(space.root, 'big')
  writeSpecimen(bigRun(), folder)
  const command = [process.execPath, packaged, 'verify', folder, '--quiet'] as const
  const [ours] = interleave([{ name: 'verify', command, cwd: space.root }], 5)
  const started = performance.now()
  const { status, stderr } = spawnSync('sh', [recipe, folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The recipe exited with ${status}: ${stderr}`)
  const recipeMs = performance.now() - started
  const against = 'its budget'
  return [
    {
      what: '`verify` of 10,003 events',
      figure: ours?.median ?? Number.NaN,
      against,
      reference: budgetMs,
      budget: 1,
    },
    { what: 'the shell recipe on the same', figure: recipeMs, against, reference: recipeBudgetMs, budget: 1 },
  ]
}
