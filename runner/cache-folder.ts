import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cacheHome } from './account.ts'
import { makeFolder } from './make-folder.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The cache folder: `RUNBOOK_CACHE`, else `runbook` in the user's cache folder. Undefined for `RUNBOOK_CACHE=off`, and where an
 * account has no home folder.
 */
export function cacheFolder(env: Environment): string | undefined {
  const chosen = env['RUNBOOK_CACHE']
  if (chosen === 'off') return undefined
  const home = cacheHome(env)
  return chosen || (home && join(home, 'runbook'))
}

/** A folder of that name in the cache, made when it is not there; undefined where there is no cache. */
export function folderInCache(name: string, env: Environment): string | undefined {
  const folder = cacheFolder(env)
  if (folder === undefined || !isPrivate(folder)) return undefined
  return isPrivate(join(folder, name)) ? join(folder, name) : undefined
}

/** Whether a folder, which is made when it is not there, belongs to the user alone: what is run is read from it. */
export function isPrivate(folder: string): boolean {
  try {
    makeFolder(folder)
    const { uid, mode } = statSync(folder)
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
  } catch {
    return false
  }
}

/**
 * The folder for code that Node has compiled, which is run as it is found: `NODE_COMPILE_CACHE`, else one in the cache. Node's own
 * default is below the folder for temporary files, where any account may have made it. `args` are those of the call.
 */
export function compiledFolder(env: Environment, args: readonly string[] = []): string | undefined {
  return (
    env['NODE_COMPILE_CACHE'] ||
    (args[0] === 'site' ? secondTime('compiled-pages', env) : folderInCache('compiled', env))
  )
}

/**
 * The folder of that name in the cache, from the second call on. The pages are built by two thousand modules, and it takes longer to keep
 * their code than to compile it: that pays for who builds again, and not for a machine that builds once.
 */
function secondTime(name: string, env: Environment): string | undefined {
  const cache = cacheFolder(env)
  const wasThere = cache !== undefined && existsSync(join(cache, name))
  const folder = folderInCache(name, env)
  return wasThere ? folder : undefined
}
