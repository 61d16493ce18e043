import { spawn, spawnSync } from 'node:child_process'
import type { Ran } from './workspace.ts'
import { binary } from './workspace.ts'

export const strace = spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0

/** Runs the program under strace, which does something to its n-th call of a kind, in any of its processes. */
export function traced(cwd: string, inject: string, args: readonly string[]): Promise<Ran> {
  const call = inject.split(':')[0] ?? ''
  const child = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${inject}`,
      process.execPath,
      binary,
      ...args,
    ],
    { cwd, env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}
