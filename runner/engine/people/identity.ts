import { hostname, userInfo } from 'node:os'
import type { Actor } from '../../model/plan.ts'
import { gitConfig } from './git-config.ts'

/** Who is at the keyboard: RUNBOOK_ACTOR, else git's user.email, else the system's user name. */
export function whoAmI(env: Record<string, string | undefined>, via: string): Actor {
  const id = env['RUNBOOK_ACTOR'] || gitConfig('user.email', process.cwd(), env) || systemUser()
  return { id, host: hostname(), via }
}

/** In a container a user may have a number and no name. */
function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
