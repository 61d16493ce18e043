import { spawn } from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { Attempt } from './protocol.ts'

/** Starts the process of an attempt, leading a group of its own. */
export function spawnStep(
  { argv: [program, ...args], env, cwd }: Attempt,
  outputs: string,
  stdio: StdioOptions,
): ChildProcess {
  return spawn(program, args, { cwd, env: { ...env, RUNBOOK_OUTPUT: outputs }, detached: true, stdio })
}
