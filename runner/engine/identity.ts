import { execFileSync } from 'node:child_process'
import { hostname, userInfo } from 'node:os'
import type { Actor } from '../model/plan.ts'

/** Who is at the keyboard: RUNBOOK_ACTOR, else git's user.email, else the system's user name. */
export function whoAmI(env: Record<string, string | undefined>, via: string): Actor {
  return { id: env['RUNBOOK_ACTOR'] || gitEmail() || userInfo().username, host: hostname(), via }
}

function gitEmail(): string {
  try {
    return execFileSync('git', ['config', 'user.email'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}
