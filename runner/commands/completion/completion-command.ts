import { listRuns } from '../../journal/record/run-store.ts'
import { bash, fish, zsh } from '../../kit/reference/completion.ts'
import { exit } from '../../kit/exit.ts'
import { withSubprograms } from '../../kit/subprograms.ts'
import { listEntries } from '../../library.ts'
import { runbook } from '../index.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { Request } from './index.ts'

const shells = { bash, zsh, fish }

/** Prints the script of a shell; that script asks for `runbooks` and `runs`, one name a line. */
export async function run({ io, args: { shell } }: Request): Promise<number> {
  if (shell !== 'runbooks' && shell !== 'runs') {
    io.out(shells[shell](await withSubprograms(runbook)))
    return exit.done
  }
  const { content, state } = await openWorkspace(io)
  const names = shell === 'runs' ? listRuns(state).slice(0, 50) : listEntries(content).map(({ slug }) => slug)
  for (const name of names) io.out(name)
  return exit.done
}
