import { hostname } from 'node:os'
import { accountName } from '../../account.ts'
import type { Actor } from '../../model/plan.ts'
import { gitConfig } from './git-config.ts'

/** Who somebody says they are, and what says so: each is a claim that only a signature proves. */
export interface Identity {
  actor: Actor
  from: 'RUNBOOK_ACTOR' | 'git user.email' | 'system user'
}

/** Who is at the keyboard: RUNBOOK_ACTOR, else git's user.email, else the system's user name. */
export function whoAmI(env: Record<string, string | undefined>, via: string): Identity {
  const as = (id: string, from: Identity['from']): Identity => ({
    actor: { id: id.trim(), host: hostname(), via, ...clientOf(env) },
    from,
  })
  const named = env['RUNBOOK_ACTOR']?.trim()
  if (named) return as(named, 'RUNBOOK_ACTOR')
  const mail = gitConfig('user.email', process.cwd(), env)?.trim()
  return mail ? as(mail, 'git user.email') : as(accountName(), 'system user')
}

/** Variables by which programs that act for a person announce themselves, and their names. */
const clients = { CLAUDECODE: 'claude-code', CURSOR_AGENT: 'cursor', GEMINI_CLI: 'gemini-cli' } as const

/** The program that calls on somebody's behalf, when it says so. */
function clientOf(env: Record<string, string | undefined>): { client?: string } {
  const named = env['AI_AGENT']?.trim()
  const client = named || Object.entries(clients).find(([name]) => env[name])?.[1]
  return client ? { client: client.slice(0, 64) } : {}
}
