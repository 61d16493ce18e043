import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'

/** The name of the account that runs this process. In a container a user may have a number and no name. */
export function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

/** The user's folder for caches. Undefined where an account has no home folder and none is set. */
export function cacheHome(env: Record<string, string | undefined>): string | undefined {
  const home = homeFolder(env)
  return env['XDG_CACHE_HOME'] || (home && join(home, '.cache'))
}

/** The user's home folder; undefined where the account has none. */
export function homeFolder(env: Record<string, string | undefined>): string | undefined {
  try {
    return env['HOME'] || homedir()
  } catch {
    return undefined
  }
}
