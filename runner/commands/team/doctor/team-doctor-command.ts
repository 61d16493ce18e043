import { existsSync } from 'node:fs'
import type { Config } from '../../../config.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import type { CommandReport } from '../../../kit/command.ts'
import { ProblemError } from '../../../model/problem.ts'
import type { TeamPort } from '../../../team/port.ts'
import { openTeamOf } from '../../shared/team/open-team.ts'
import { openWorkspace, shown } from '../../shared/workspace.ts'
import type { Request } from './index.ts'

interface Finding {
  what: string
  ok: boolean
  found: string
}

export async function run({ io }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const team = await openTeamOf(config)
  try {
    const findings = [...(await examined(team)), keys(config, io.cwd)]
    return {
      document: { findings },
      text: findings
        .map(({ what, ok, found }) => `${ok ? '✓ ok     ' : '✗ missing'} ${what}: ${printable(found)}`)
        .join('\n'),
      exitCode: findings.every(({ ok }) => ok) ? exit.done : exit.failed,
      hint: 'The guide has a page for each: team mode, set-up.',
    }
  } finally {
    await team.close()
  }
}

async function examined(team: TeamPort): Promise<Finding[]> {
  const base = await look('database and schema', async () => {
    const runners = await team.runners()
    return `${runners.length} runners, ${runners.filter(({ alive }) => alive).length} alive`
  })
  if (!base.ok) return [base]
  const role = await look('role of this machine', async () => `the runner ${await team.name()}`)
  // People and hubs have roles of their own.
  return [base, role.ok ? role : { ...role, ok: true, found: `not a runner (${role.found})` }]
}

async function look(what: string, body: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, found: await body() }
  } catch (error) {
    if (error instanceof ProblemError) return { what, ok: false, found: error.message }
    throw error
  }
}

/** Without the list no order can be checked. */
function keys({ allowedSigners }: Config, cwd: string): Finding {
  const ok = existsSync(allowedSigners)
  const file = shown(allowedSigners, cwd)
  return { what: 'keys', ok, found: ok ? file : `there is no ${file}, so no order can be checked` }
}
