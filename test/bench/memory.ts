import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mostMemory } from '../support/process-memory.ts'
import { commandStep, page, workspace } from '../support/workspace.ts'
import type { Row } from './table.ts'

/** A guard: a run that grows with what it prints or with its events would pass it. */
const budgetMb = 150
/** What is read from the cache never holds the tree of a document, and takes 15 MB less. */
const read = 'document read for the first time'

/** Resident memory of the program as it is installed: a step that prints 1 GiB, and long runs. */
export async function residentMemory(packaged: string): Promise<Row[]> {
  return [
    await most(
      'a step that prints 1 GiB',
      page(commandStep('print', 'head -c 1073741824 /dev/zero')),
      packaged,
    ),
    await most(`a run of 1,000 events, ${read}`, noOps(250), packaged),
    await most(`a run of 4,000 events, ${read}`, noOps(1000), packaged, 250),
  ]
}

function noOps(steps: number): string {
  return page(Array.from({ length: steps }, (_, index) => commandStep(`s${index}`, 'true')).join('\n'))
}

async function most(what: string, document: string, packaged: string, reference = budgetMb): Promise<Row> {
  using space = workspace({ 'content/runbooks/r.mdx': document })
  const child = spawn(process.execPath, [packaged, 'exec', 'r', '--yes', '--quiet'], {
    cwd: space.root,
    env: { ...process.env, RUNBOOK_CACHE: 'off' },
    stdio: 'ignore',
  })
  let mb = Number.NaN
  const timer = setInterval(() => {
    const now = mostMemory(child.pid)
    if (!Number.isNaN(now)) mb = now
  }, 10)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(timer)
  if (code !== 0) throw new Error(`${what}: exit code ${code}`)
  return {
    what: `memory of ${what}`,
    unit: 'MB',
    figure: mb,
    against: 'its budget',
    reference,
    budget: 1,
  }
}
