import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { JsonObject } from '../../model/values/json.ts'

/** The commit a folder is at and whether tracked files differ from it; empty outside of a repository. */
export async function sourceState(cwd: string, env: Record<string, string | undefined>): Promise<JsonObject> {
  if (env['GIT_DIR'] === undefined && !isInRepository(cwd)) return {}
  const args = ['--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--untracked-files=no']
  const options = { cwd, env, timeout: 5_000, maxBuffer: 64 * 1024 * 1024 }
  const stdout = await new Promise<string>((resolve) => {
    execFile('git', args, options, (error, printed) => resolve(error ? '' : printed))
  })
  const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(stdout)?.[1]
  return commit === undefined ? {} : { commit, dirty: /^[^#]/m.test(stdout) }
}

/** Spares the start of a process where there is nothing to ask. */
function isInRepository(cwd: string): boolean {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return true
    if (dirname(folder) === folder) return false
  }
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

/** A file as it was at a commit of the repository that its folder belongs to; undefined where that has no such file. */
export function fileAt(
  commit: string,
  path: string,
  env: Record<string, string | undefined>,
): Buffer | undefined {
  const { status, stdout } = spawnSync('git', ['show', '--end-of-options', `${commit}:./${basename(path)}`], {
    cwd: dirname(path),
    env,
    maxBuffer: 64 * 1024 * 1024,
  })
  return status === 0 ? stdout : undefined
}
