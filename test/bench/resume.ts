import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventsOf } from '../support/attack/attack.ts'
import { commandStep, page, workspace } from '../support/workspace.ts'
import type { Row } from './table.ts'

/** Four events for each step make a journal of a thousand lines. */
const steps = 250
const budgetMs = 500

/** From the start of `resume` to the end of a run whose journal is long, with one step left to do. */
export function resumeLongRun(packaged: string): Row[] {
  const ids = Array.from({ length: steps }, (_, index) => `s${index}`)
  const last = commandStep('last', 'test -e go')
  using space = workspace({
    'content/runbooks/r.mdx': page(ids.map((id) => commandStep(id, 'true')).join('\n') + last),
  })
  const call = (...args: string[]) =>
    spawnSync(process.execPath, [packaged, ...args, '--yes', '--quiet'], { cwd: space.root, stdio: 'ignore' })
  call('exec', 'r')
  writeFileSync(join(space.root, 'go'), '')
  const { length } = eventsOf(space.root)
  const started = performance.now()
  const { status } = call('resume', 'last')
  const ms = performance.now() - started
  if (status !== 0) throw new Error(`resume exited with ${status}`)
  return [
    {
      what: `\`resume\` of ${length.toLocaleString('en')} events`,
      figure: ms,
      against: 'its budget',
      reference: budgetMs,
      budget: 1,
    },
  ]
}
