import { listRuns } from '../../journal/store.ts'
import { listEntries } from '../../library.ts'
import { suggest } from '../../model/suggest.ts'
import type { Call } from '../../kit/command.ts'
import { commands, globalOptions } from '../index.ts'
import { bash, fish, zsh } from '../../kit/completion.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { openWorkspace } from '../shared/workspace.ts'

const shells: Record<string, typeof bash> = { bash, zsh, fish }

/** Prints the script of a shell; that script asks for `runbooks` and `runs`, one name a line. */
export async function run({ io, positionals }: Call): Promise<number> {
  const [wanted = ''] = positionals
  const script = Object.hasOwn(shells, wanted) ? shells[wanted] : undefined
  if (script) io.out(script(commands, globalOptions))
  else {
    const names = await namesOf(wanted, await openWorkspace(io))
    if (!names) {
      const near = suggest(wanted, Object.keys(shells))
      throw new CliError(
        exit.usage,
        `Unexpected shell \`${wanted}\``,
        near ? `Did you mean \`${near}\`?` : 'The shells are bash, zsh and fish.',
      )
    }
    for (const name of names) io.out(name)
  }
  return exit.done
}

async function namesOf(
  what: string,
  { content, state }: Awaited<ReturnType<typeof openWorkspace>>,
): Promise<string[] | undefined> {
  if (what === 'runbooks') return listEntries(content).map(({ slug }) => slug)
  return what === 'runs' ? listRuns(state).slice(0, 50) : undefined
}
