import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'
import { patienceMs } from '../patience.ts'

// Set up before each file of tests: its temporary files are its own, and so are the processes that were told of them.
const before = { ...process.env }
// The folder of the run, since the worker may come from another file, whose own is gone.
const own = mkdtempSync(join(process.env['RUNBOOK_TESTS'] ?? tmpdir(), 'rb-'))
// Servers that give up root must pass through.
chmodSync(own, 0o711)
process.env['TMPDIR'] = own

/** What a test has left running: steps of runs, and the processes that start them. */
function survivors(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`
      if (!environment.includes(`\0TMPDIR=${own}\0`)) return []
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const ours = environment.includes('\0RUNBOOK_RUN_ID=') || command.includes('/shim/main.mjs')
      return ours ? [`${pid} ${command}`] : []
    } catch {
      return []
    }
  })
}

afterAll(async () => {
  if (process.platform === 'linux') {
    for (const end = Date.now() + patienceMs; survivors().length > 0 && Date.now() < end;) await sleep(50)
    expect(survivors(), 'no process of a step survives').toEqual([])
  }
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  Object.assign(process.env, before)
  rmSync(own, { recursive: true, force: true, maxRetries: 3 })
})
