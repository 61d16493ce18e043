import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePlan, readInputs } from '../../runner/engine/plan.ts'
import { startRun } from '../../runner/engine/runs.ts'
import type { SessionOptions } from '../../runner/engine/session.ts'
import { kinds } from '../../runner/kinds/all.ts'
import { readRunbook } from '../../runner/model/read.ts'
import { commandStep, page, workspace } from '../support/workspace.ts'
import type { Row } from './measure.ts'

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
  const ours: number[] = []
  for (let round = 0; round < rounds; round++) {
    using space = workspace({ 'r.mdx': page(ids.map((id) => commandStep(id, 'true')).join('\n')) })
    bare.push(...(await bareSpawns(space.root)))
    ours.push(...(await stepTimes(space.root)))
  }
  const what = `a no-op step against its bare spawn plus ${budgetMs} ms`
  return [{ what, ms: median(ours), against: 'spawn', againstMs: median(bare) + budgetMs, budget: 1 }]
}

async function bareSpawns(root: string): Promise<number[]> {
  writeFileSync(join(root, 'bare.sh'), 'true\n')
  const times: number[] = []
  for (let index = 0; index < steps; index++) {
    const started = performance.now()
    const [stdout, stderr] = [openSync(join(root, 'out'), 'a'), openSync(join(root, 'err'), 'a')]
    const child = spawn('bash', ['-euo', 'pipefail', join(root, 'bare.sh')], {
      detached: true,
      stdio: ['ignore', stdout, stderr],
    })
    await new Promise((resolve) => child.once('exit', resolve))
    for (const fd of [stdout, stderr]) closeSync(fd)
    times.push(performance.now() - started)
  }
  return times
}

async function stepTimes(root: string): Promise<number[]> {
  const document = readFileSync(join(root, 'r.mdx'))
  const { runbook } = readRunbook({ file: 'r.mdx', slug: 'r', bytes: document }, kinds)
  if (!runbook) throw new Error('The runbook of the bench is not right')
  const { plan } = await makePlan(runbook, readInputs(runbook, new Map()))
  const ends: number[] = []
  const actor = { id: 'bench', host: 'bench', via: 'flag' }
  const never = new AbortController().signal
  const options: SessionOptions = {
    state: join(root, '.runbook'),
    actor,
    operator: {
      present: false,
      detach: false,
      ask: async () => ({ answer: 'run', reason: '', by: actor }) as never,
    },
    secrets: {},
    cancelled: never,
    killed: never,
    graceMs: 1000,
    rollbackOnCancel: false,
    env: process.env,
    onEvent: ({ type }) => type === 'step-finished' && ends.push(performance.now()),
    onOutput: () => {},
  }
  await startRun({ plan, document, cwd: root, version: 'bench' }, options)
  return ends.slice(1).map((end, index) => end - (ends[index] ?? 0))
}
