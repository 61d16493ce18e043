import { prepareGitConfig } from '../../engine/git-config.ts'
import type { Request } from './index.ts'

/** Git is asked who runs while the rest of the program is still being loaded. */
export async function run(call: Request): Promise<number> {
  const ready = prepareGitConfig(call.io.cwd, call.io.env)
  const { execute } = await import('./execute.ts')
  return execute(call, ready)
}
