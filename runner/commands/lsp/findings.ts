import { dirname, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Diagnostic as Shown, Range } from 'vscode-languageserver-protocol'
import { loadConfig } from '../../config.ts'
import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import { entryAt } from '../../library.ts'
import type { LibraryEntry } from '../../library.ts'
import type { Diagnostic, Place } from '../../model/diagnostic.ts'
import { checkEntries } from '../shared/check-entries.ts'
import { docsAddress } from '../../check/format.ts'

/** A runbook that an editor has open, in its workspace. */
export interface OpenRunbook {
  config: Config
  /** With the text as the editor has it. */
  entry: LibraryEntry
}

/** The runbook at a path; none where the file is not among the runbooks of its workspace. */
export async function openRunbookAt(path: string, text: string, io: Io): Promise<OpenRunbook | undefined> {
  const config = await loadConfig(dirname(path), io.env)
  const inside = relative(config.content, path)
  if (inside.startsWith('..') || !/(^|\/)[^_./][^/]*\.mdx?$/i.test(inside)) return undefined
  return { config, entry: { ...entryAt(config.content, path), bytes: Buffer.from(text) } }
}

/** The findings of `runbook check` on an open runbook, as editors show them. */
export async function findingsOf({ config, entry }: OpenRunbook, io: Io): Promise<Shown[]> {
  const { findings } = await checkEntries(config, [entry], { ...io, quiet: true })
  return findings
    .filter(({ place }) => resolve(io.cwd, place.file) === entry.path)
    .map((finding) => shownFinding(finding, config, io))
}

function shownFinding(
  { code, severity, message, hint, place, notes = [] }: Diagnostic,
  { site }: Config,
  { cwd }: Io,
): Shown {
  return {
    range: rangeOf(place),
    severity: severity === 'error' ? 1 : 2,
    code,
    codeDescription: { href: docsAddress(code, site) },
    source: 'runbook',
    message: hint === undefined ? message : `${message}\n${hint}`,
    relatedInformation: notes.map((note) => ({
      message: note.message,
      location: { uri: pathToFileURL(resolve(cwd, note.place.file)).href, range: rangeOf(note.place) },
    })),
  }
}

/** Lines and columns count from 0 in editors, and columns are UTF-16 units in both. */
function rangeOf({ line, column, endLine = line, endColumn = column }: Place): Range {
  return {
    start: { line: line - 1, character: column - 1 },
    end: { line: endLine - 1, character: endColumn - 1 },
  }
}
