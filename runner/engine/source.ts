import { spawnSync } from 'node:child_process'
import type { JsonObject } from '../model/json.ts'

/** The commit a folder is at and whether tracked files differ from it; empty outside of a repository. */
export function sourceState(cwd: string, env: Record<string, string | undefined>): JsonObject {
  const { status, stdout } = spawnSync(
    'git',
    ['--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--untracked-files=no'],
    { cwd, env, encoding: 'utf8', timeout: 5_000 },
  )
  const commit = status === 0 ? /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(stdout)?.[1] : undefined
  return commit === undefined ? {} : { commit, dirty: /^[^#]/m.test(stdout) }
}

/** The full id of a commit, or undefined when there is none of that name. */
export function commitNamed(
  cwd: string,
  name: string,
  env: Record<string, string | undefined>,
): string | undefined {
  const { status, stdout } = spawnSync(
    'git',
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
    {
      cwd,
      env,
      encoding: 'utf8',
    },
  )
  return status === 0 ? stdout.trim() : undefined
}
