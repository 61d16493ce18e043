import { spawnSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listRuns, readRun } from '../../../runner/journal/record/run-store.ts'
import { signers } from './signers.ts'

/** Time the person at the terminal gets to see each question, in milliseconds. */
const thinkMs = 1500

const [state = '.runbook'] = process.argv.slice(2)
const runbook = fileURLToPath(new URL('../../../runner/main.mjs', import.meta.url))
const before = new Set(listRuns(state))

/** Plays the other people of the demo: waits for the questions of a new run, and answers each once. */
for (const { step, actor, reason } of signers) {
  const run = await whenAsked(step)
  await setTimeout(thinkMs)
  process.stdout.write(`\n  The demo plays ${actor}, in another process:\n  `)
  spawnSync(process.execPath, [runbook, 'approve', run, step, '--yes', '--reason', reason], {
    stdio: 'inherit',
    env: { ...process.env, RUNBOOK_ACTOR: actor },
  })
}

async function whenAsked(step: string): Promise<string> {
  for (;;) {
    const run = listRuns(state).find((id) => !before.has(id))
    if (run !== undefined && readRun(state, run).state.steps.get(step)?.status === 'waiting') return run
    await setTimeout(200)
  }
}
