import { existsSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { openCache } from '../../cache.ts'
import type { Config } from '../../config.ts'
import { entryAt, findEntry, listEntries, readEntry } from '../../library.ts'
import type { LibraryEntry } from '../../library.ts'
import { recallParams } from '../../model/steps/step-params.ts'
import type { Runbook } from '../../model/runbook.ts'
import { checkScenarios } from '../../scenarios/format/check-scenarios.ts'
import { readScenarios, scenarioPath, scenarioSuffix } from '../../scenarios/format/read-scenarios.ts'
import type { ReadScenarios } from '../../scenarios/format/read-scenarios.ts'
import type { SuiteWorld } from '../../scenarios/suite.ts'
import { failure, success } from '../../model/problem.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { printDiagnostics } from '../shared/print-diagnostics.ts'
import { withPeople } from '../shared/people/plan-people.ts'
import { shown, unknownRunbook } from '../shared/workspace.ts'
import { textOf } from '../../regular-file.ts'

/** A runbook and the file of scenarios beside it. */
export interface Tested {
  runbook: Runbook
  entry: LibraryEntry
  /** Undefined where there is no such file. */
  read: ReadScenarios | undefined
  /** As findings show it. */
  file: string
}

/** The entries that a call names: one runbook, or all of a folder or the library. */
export function chosenEntries(config: Config, target: string | undefined, io: Io): LibraryEntry[] {
  if (target === undefined) return listEntries(config.content)
  const path = resolve(io.cwd, target)
  if (target.endsWith(scenarioSuffix)) return chosenEntries(config, ofScenarios(path, io), io)
  if (existsSync(path) && statSync(path).isDirectory()) {
    const within = path.endsWith(sep) ? path : path + sep
    const inside = !relative(config.content, path).startsWith('..')
    return listEntries(inside ? config.content : path).filter((entry) => entry.path.startsWith(within))
  }
  const entry = findEntry(config.content, target, io.cwd)
  if (!entry) throw unknownRunbook(config, target, io)
  return [entry]
}

/** The document of a file of scenarios, as a path that names it. */
function ofScenarios(path: string, io: Io): string {
  const stem = path.slice(0, -scenarioSuffix.length)
  const match = [`${stem}.mdx`, `${stem}.md`].find((each) => existsSync(each))
  if (match !== undefined) return match
  throw new CliError(
    exit.usage,
    `${shown(path, io.cwd)} has no runbook beside it`,
    `It belongs beside ${shown(entryAt('', `${stem}.mdx`).path, io.cwd)}.`,
  )
}

/** The workspace of scenarios: its kinds, its people, and the runbooks that others include. */
export function suiteWorld(config: Config, io: Io): SuiteWorld {
  return {
    kinds: config.kinds,
    withPeople: (plan) => withPeople(plan, config, io),
    async other(slug) {
      const entry = findEntry(config.content, slug, io.cwd)
      if (!entry) return failure(`There is no runbook \`${slug}\``)
      const { runbook } = await readEntry(entry, io.cwd, config.kinds)
      const path = scenarioPath(entry.path)
      if (!runbook || !existsSync(path)) return failure(`${slug} has ${runbook ? 'no scenarios' : 'errors'}`)
      const read = readScenarios(textOf(path), shown(path, io.cwd))
      return Array.isArray(read)
        ? failure(`The scenarios of ${slug} have errors`)
        : success({ runbook, file: read.file })
    },
  }
}

/** Reads runbooks with their scenarios. Findings are printed, and end the call. */
export async function readTested(
  config: Config,
  entries: readonly LibraryEntry[],
  io: Io,
): Promise<Tested[]> {
  const cache = openCache(io.env)
  const tested: Tested[] = []
  let errors = 0
  for (const entry of entries) {
    const path = scenarioPath(entry.path)
    const file = shown(path, io.cwd)
    const { runbook, diagnostics, params } = await readEntry(entry, io.cwd, config.kinds, cache)
    recallParams(params)
    if (!runbook) {
      if (!existsSync(path)) continue
      printDiagnostics(diagnostics, io, config.site)
      errors += 1
      continue
    }
    if (!existsSync(path)) {
      tested.push({ runbook, entry, read: undefined, file })
      continue
    }
    const read = readScenarios(textOf(path), file)
    const match = Array.isArray(read) ? read : checkScenarios(read, runbook)
    printDiagnostics(match, io, config.site)
    errors += match.length
    if (!Array.isArray(read)) tested.push({ runbook, entry, read, file })
  }
  if (errors > 0)
    throw new CliError(
      exit.invalid,
      'The scenarios have errors; nothing was played',
      'Correct them and try again.',
    )
  return tested
}
