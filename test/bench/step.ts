import { makeKinds } from '../../runner/kinds/index.ts'
import { spawn } from 'node:child_process'
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { makePlan } from '../../runner/engine/plan/make-plan.ts'
import { readInputs } from '../../runner/engine/plan/read-inputs.ts'
import { startRun } from '../../runner/engine/runs.ts'
import type { Driver } from '../../runner/engine/run.ts'
import { kinds } from '../../runner/kinds/all.ts'
import { readRunbook } from '../../runner/model/read-runbook.ts'
import { commandStep, page, workspace } from '../support/workspace.ts'
import { settle } from './settle.ts'
import type { Row } from './table.ts'

const steps = 50
/** Bare starts and steps take turns, so that a machine whose speed drifts slows both alike. */
const rounds = 4
/** What a step may cost beyond its own process, in milliseconds: journal, claim, receipt and their syncs. */
const budgetMs = 2

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN

/** A step that does nothing, against the bare start of the same script by the same platform. */
export async function stepOverhead(): Promise<Row[]> {
  const ids = Array.from({ length: steps }, (_, index) => `s${index}`)
  const bare: number[] = []
  const durable: number[] = []
  const ours: number[] = []
  await settle()
  // Deleted only when all is measured: what is deleted slows what is created.
  using spaces = new DisposableStack()
  for (let round = 0; round < rounds; round++) {
    const text = page(ids.map((id) => commandStep(id, 'true')).join('\n'))
    const space = spaces.use(workspace({ 'r.mdx': text }))
    bare.push(...(await spawns(space.root, false)))
    durable.push(...(await spawns(space.root, true)))
    ours.push(...(await stepTimes(space.root)))
  }
  const figure = median(ours)
  return [
    {
      what: 'a step that does nothing',
      figure,
      against: `its bare spawn and ${budgetMs} ms`,
      reference: median(bare) + budgetMs,
      budget: 1,
    },
    {
      what: 'the same',
      figure,
      against: 'the same spawn, files and syncs',
      reference: median(durable),
      budget: 0.75,
    },
  ]
}

/**
 * Starts the script of a step so many times. `durable` does to the disk what no step can go without, in one process:
 * the intent is written and synced before, the receipt after.
 */
async function spawns(root: string, durable: boolean): Promise<number[]> {
  const journal = openSync(join(root, 'journal'), 'a')
  const times: number[] = []
  for (let index = 0; index < steps; index++) {
    const started = performance.now()
    const name = join(root, durable ? `durable-${index}` : 'bare')
    if (durable) {
      writeSync(journal, 'x'.repeat(1500))
      fdatasyncSync(journal)
    }
    if (durable || index === 0) writeFileSync(`${name}.sh`, 'true\n')
    const [stdout, stderr] = [openSync(`${name}.out`, 'a'), openSync(`${name}.err`, 'a')]
    const receipt = durable ? openSync(`${name}.receipt.tmp`, 'w') : undefined
    const child = spawn('bash', ['-euo', 'pipefail', `${name}.sh`], {
      detached: true,
      stdio: ['ignore', stdout, stderr],
    })
    await new Promise((resolve) => child.once('exit', resolve))
    for (const fd of [stdout, stderr]) closeSync(fd)
    if (receipt !== undefined) {
      writeSync(receipt, 'exit 0\n')
      fsyncSync(receipt)
      closeSync(receipt)
      renameSync(`${name}.receipt.tmp`, `${name}.receipt`)
    }
    times.push(performance.now() - started)
  }
  closeSync(journal)
  return times
}

async function stepTimes(root: string): Promise<number[]> {
  const document = readFileSync(join(root, 'r.mdx'))
  const { runbook } = readRunbook({ file: 'r.mdx', slug: 'r', bytes: document }, kinds)
  if (!runbook) throw new Error('The runbook of the bench is not right')
  const { plan } = await makePlan(runbook, await readInputs(runbook, new Map()), makeKinds())
  const ends: number[] = []
  const actor = { id: 'bench', host: 'bench', via: 'flag' }
  const never = new AbortController().signal
  const driver: Driver = {
    state: join(root, '.runbook'),
    actor,
    operator: {
      present: false,
      detach: false,
      ask: async () => ({ answer: 'run', reason: '', by: actor }) as never,
    },
    secrets: {},
    cancel: { soft: never, hard: never },
    graceMs: 1000,
    rollbackOnCancel: false,
    kinds: makeKinds(),
    env: { ...process.env },
    onEvent: ({ type }) => type === 'step-finished' && ends.push(performance.now()),
    onOutput: () => {},
  }
  await startRun({ plan, document, cwd: root, version: 'bench' }, driver)
  return ends.slice(1).map((end, index) => end - (ends[index] ?? 0))
}
