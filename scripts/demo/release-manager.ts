import { spawnSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listRuns, readRun } from '../../runner/journal/store.ts'

/** Time the person at the terminal gets to see the question, in milliseconds. */
const thinkMs = 2500

const state = '.runbook'
const runbook = fileURLToPath(new URL('../../runner/main.mjs', import.meta.url))
const known = new Set(listRuns(state))

/** Plays the second person of the demo: waits for the question of a new run, and answers it once. */
for (;;) {
  const run = listRuns(state).find((id) => !known.has(id))
  const waits = run !== undefined && readRun(state, run).state.steps.get('go')?.status === 'waiting'
  if (waits) {
    await setTimeout(thinkMs)
    const env = { ...process.env, RUNBOOK_ACTOR: 'release-manager' }
    process.stdout.write('\n  The demo plays the release manager, in another process:\n  ')
    spawnSync(process.execPath, [runbook, 'approve', run, 'go', '--reason', 'The canary held'], {
      stdio: 'inherit',
      env,
    })
    break
  }
  await setTimeout(200)
}
