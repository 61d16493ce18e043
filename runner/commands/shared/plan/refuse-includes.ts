import { checkIncludes, includes } from '../../../check/check-includes.ts'
import type { Config } from '../../../config.ts'
import { listEntries, readEntry } from '../../../library.ts'
import { sortByPlace } from '../../../model/diagnostic.ts'
import type { Diagnostic } from '../../../model/diagnostic.ts'
import type { Runbook } from '../../../model/runbook.ts'
import { printDiagnostics } from '../print-diagnostics.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'

/**
 * Refuses a runbook that includes one that is not there, has errors, or leads back: found only at its step, what
 * stands before that step would have been done already.
 */
export async function refuseBrokenIncludes(runbook: Runbook, config: Config, io: Io): Promise<void> {
  if (includes(runbook).length === 0) return
  const entries = new Map(listEntries(config.content).map((entry) => [entry.slug, entry]))
  const documents = new Map([[runbook.slug, runbook]])
  const diagnostics: Diagnostic[] = []
  // Grows while it is walked: what is included may include others.
  for (const document of documents.values())
    for (const { target } of includes(document)) {
      const entry = entries.get(target)
      if (!entry || documents.has(target)) continue
      const read = await readEntry(entry, io.cwd, config.kinds)
      documents.set(target, read.document)
      diagnostics.push(...read.diagnostics.filter(({ severity }) => severity === 'error'))
    }
  diagnostics.push(...checkIncludes([...documents.values()], new Set(entries.keys())))
  if (diagnostics.length === 0) return
  printDiagnostics(sortByPlace(diagnostics), io, config.site)
  throw new CliError(
    exit.invalid,
    `An included runbook of ${runbook.slug} cannot run; nothing ran`,
    'Correct it and try `runbook check`.',
  )
}
