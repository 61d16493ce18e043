import { prepareShim } from '../../engine/executor/shim-client.ts'
import { prepareGitConfig } from '../../engine/git-config.ts'
import type { Call } from '../command.ts'

/** The two processes a run needs start while the rest of the program is still being loaded. */
export async function run(call: Call): Promise<number> {
  const { io, options } = call
  if (options['dry-run'] !== true) prepareShim()
  const ready = prepareGitConfig(io.cwd, io.env)
  const { execute } = await import('../execute.ts')
  return execute(call, ready)
}
