import { findEntry, listEntries, readEntry } from '../../library.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { hasErrors, sortDiagnostics } from '../../model/diagnostic.ts'
import type { Call } from '../command.ts'
import { printDiagnostics } from '../diagnostics.ts'
import { CliError } from '../error.ts'
import { exit } from '../exit.ts'
import { openWorkspace, shown } from '../workspace.ts'

export async function run({ io, positionals }: Call): Promise<number> {
  const config = await openWorkspace(io)
  const [name] = positionals
  const one = name === undefined ? undefined : findEntry(config.content, name, io.cwd)
  if (name !== undefined && !one)
    throw new CliError(
      exit.usage,
      `There is no runbook \`${name}\``,
      'See `runbook list`, or give the path of a file.',
    )
  const entries = one ? [one] : listEntries(config.content)
  if (entries.length === 0)
    throw new CliError(
      exit.usage,
      `There are no runbooks in ${shown(config.content, io.cwd)}`,
      'Create one, or name another folder in runbook.config.ts.',
    )
  const found: Diagnostic[] = []
  for (const entry of entries) found.push(...(await readEntry(entry, io.cwd)).diagnostics)
  const sorted = sortDiagnostics(found)
  if (io.json) io.out(JSON.stringify(sorted, undefined, 2))
  else {
    printDiagnostics(sorted, io)
    const errors = sorted.filter(({ severity }) => severity === 'error').length
    io.out(
      `${entries.length} runbook${entries.length === 1 ? '' : 's'} checked: ${errors} errors, ${sorted.length - errors} warnings`,
    )
  }
  return hasErrors(sorted) ? exit.invalid : exit.done
}
