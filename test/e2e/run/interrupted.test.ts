import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { waitFor } from '../../../scripts/lib/wait.ts'
import { isRunning } from '../../scripts/support.ts'
import { workspace } from '../../support/workspace.ts'
import { patienceMs } from '../../support/patience.ts'

const watchdog = join(import.meta.dirname, '../../support/vitest/watchdog.ts')

/** Sets itself up as the tests do, starts a process in a group of its own, and never ends. */
const tests = `
  import { spawn, spawnSync } from 'node:child_process'
  import { mkdtempSync } from 'node:fs'
  import { setup } from ${JSON.stringify(watchdog)}
  setup()
  const options = { detached: true, stdio: 'ignore' }
  const told = spawn('sleep', ['600'], options)
  const standing = spawn('sleep', ['600'], { ...options, cwd: process.env.TMPDIR, env: {} })
  console.log(JSON.stringify({ folder: process.env.TMPDIR, pids: [told.pid, standing.pid] }))
  setInterval(() => {}, 1000)
`

test.runIf(process.platform === 'linux').each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'tests that end by %s leave no process running and no temporary files',
  async (signal) => {
    using space = workspace({ 'tests.ts': tests })
    const { RUNBOOK_TESTS: _, ...inherited } = process.env
    const child = spawn(process.execPath, [join(space.root, 'tests.ts')], {
      env: { ...inherited, TMPDIR: space.root },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk) => resolve(String(chunk))),
    )
    const { folder, pids } = JSON.parse(line) as { folder: string; pids: number[] }
    expect(pids.map(isRunning)).toEqual([true, true])
    child.kill(signal)
    const gone = () => (!pids.some(isRunning) && !existsSync(folder) ? true : undefined)
    expect(await waitFor(gone, patienceMs)).toBe(true)
  },
)

test('a second run of tests in the same clone does not replace the program under test', () => {
  const tested = join(import.meta.dirname, '../../support/vitest/tested.ts')
  const { RUNBOOK_TESTED_MADE: _, ...inherited } = process.env
  const script = `import { setup } from ${JSON.stringify(tested)}\nawait setup()`
  const second = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env: inherited })
  expect(second.status).toBe(1)
  expect(String(second.stderr)).toContain('Another run of tests uses dist/tested')
})
