import { prepareShim } from '../../engine/process/executor/shim-client.ts'
import { prepareGitConfig } from '../../engine/people/git-config.ts'
import type { Request } from './index.ts'

/** The call is understood: who runs and what starts the steps are made ready while the plan is made. */
export async function run(call: Request): Promise<number> {
  if (!call.dryRun) prepareShim()
  const ready = prepareGitConfig(call.io.cwd, call.io.env)
  const { execute } = await import('./execute.ts')
  return execute(call, ready)
}
