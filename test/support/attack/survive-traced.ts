import { spawn, spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { effectsOf, steps, survive, twelve } from './attack.ts'
import type { Battle } from './attack.ts'
import type { Ran } from '../workspace.ts'
import { binary, workspace } from '../workspace.ts'

export const strace = spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0

/** Runs the program under strace, which does something to its n-th call of a kind, in any of its processes. */
function injected(cwd: string, inject: string, args: readonly string[]): Promise<Ran> {
  const call = inject.split(':')[0] ?? ''
  return traced(cwd, ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${inject}`], args)
}

/** Runs the program under strace, with all its processes. */
export function traced(cwd: string, flags: readonly string[], args: readonly string[]): Promise<Ran> {
  const child = spawn('strace', ['-f', '-qq', ...flags, process.execPath, binary, ...args], {
    cwd,
    env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

if (!strace) process.stderr.write('SKIPPED: strace is not installed; kills at system calls are not tested\n')

/** Lets one call of the reference run go wrong, and the run survive it. */
export async function strikeCall(inject: string): Promise<Battle> {
  using space = workspace({ 'content/runbooks/twelve.mdx': twelve })
  const battle = await survive(space, 'twelve', [(args) => injected(space.root, inject, args)])
  expect(effectsOf(space.root), `${inject}: each effect once, in order (I2)`).toEqual(steps)
  return battle
}
