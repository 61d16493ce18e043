import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Gives all tests of a run one folder for temporary files, and a process that watches over it: when the run is over,
 * or is killed, it ends every process that belongs to the folder, and removes the folder.
 */
export function setup(): (() => Promise<void>) | undefined {
  // Each project of a run sets itself up; they share one folder.
  if (process.env['RUNBOOK_TESTS'] !== undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'rb-'))
  // Servers that give up root, such as nginx, must pass through to what they serve; they cannot list it.
  chmodSync(folder, 0o711)
  process.env['TMPDIR'] = folder
  // As a user's calls do, those of tests find what an earlier one has read; of this run only, since programs change.
  process.env['RUNBOOK_CACHE'] = join(folder, 'cache')
  process.env['RUNBOOK_TESTS'] = folder
  const dog = spawn(process.execPath, [join(import.meta.dirname, 'watchdog-process.ts'), folder], {
    // A group of its own: Ctrl-C ends the run, and not the one that tidies up after it.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  dog.unref()
  return async () => {
    const ended = new Promise((resolve) => dog.once('exit', resolve))
    dog.ref()
    // Also where this process is killed, the end of its side of the pipe tells the watchdog.
    dog.stdin?.end()
    await ended
  }
}
