import type { CommandReport } from '../../../kit/command.ts'
import { databaseOf } from '../../shared/team/open-team.ts'
import { openWorkspace } from '../../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io, options, dryRun }: Request): Promise<CommandReport> {
  const { runner, url } = options
  const address = url ?? databaseOf(await openWorkspace(io))
  const roles = runner.map((name) => `runbook_runner_${name}`)
  const parts = dryRun
    ? ['schema runbook', 'schema runbook_dbos']
    : await (await import('../../../team/database/migrate.ts')).migrate(address, runner)
  const text = [...parts, ...roles.map((role) => `role ${role}`)].join(', ')
  return {
    document: { parts, roles, ...(dryRun ? { dryRun } : {}) },
    text: dryRun ? `would make: ${text}` : `made: ${text}`,
  }
}
