import { spawnSync } from 'node:child_process'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { lastLine } from '../../model/last-line.ts'

/** Longest time a script of a drill may take, in milliseconds. */
const longestMs = 120_000

/** Runs a bash script to its end before anything else goes on: the fault of a drill is there when its step begins. */
export function runNow(
  script: string,
  { cwd, env }: { cwd: string; env: Record<string, string | undefined> },
): Outcome<string> {
  const { status, stdout, stderr, error } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: longestMs,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status === 0) return success(stdout)
  const why = error?.message ?? (lastLine(stderr) || `it exited with ${status}`)
  return failure(why)
}
