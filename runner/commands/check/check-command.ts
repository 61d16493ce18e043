import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { githubReport, jsonReport, sarifReport } from '../../check/format.ts'
import type { Format, CheckReport } from '../../check/format.ts'
import { checkContactAges, checkContacts } from '../../check/check-contacts.ts'
import type { Config } from '../../config.ts'
import { placesInRepository } from '../../finding-formats.ts'
import { findEntry, listEntries } from '../../library.ts'
import type { LibraryEntry } from '../../library.ts'
import { hasErrors } from '../../model/diagnostic.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { checkPostmortems } from '../../postmortem/check-postmortem.ts'
import type { Request } from './index.ts'
import type { People } from '../../people.ts'
import { checkEntries } from '../shared/check-entries.ts'
import { formatDiagnostic } from '../shared/print-diagnostics.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { ignoredFiles, otherDocuments } from '../shared/other-documents.ts'
import { openWorkspace, shown, unknownRunbook } from '../shared/workspace.ts'
import { counted } from '../../model/counted.ts'

export async function run({ io, args, options }: Request): Promise<number> {
  const format = options.format ?? (io.json ? 'json' : 'text')
  const config = await openWorkspace(io)
  const { content, entries } = chosen(config, args.target, io)
  if (options.live) return (await import('./live.ts')).checkLive(config, entries, options.input, io)
  // Parsing leaves much behind; a smaller nursery keeps a large check under 200 MB at the same speed.
  if (entries.length > 50) setFlagsFromString('--max-semi-space-size=8')
  // Files beside the runbooks belong to the library, and are checked with all of it.
  const { findings: checked, people } = await checkEntries({ ...config, content }, entries, io)
  const beside = args.target === undefined ? checkBeside({ ...config, content }, people, io.cwd) : []
  const findings = [...checked, ...beside]
  print({ checked: entries.length, findings, site: config.site, version }, format, io)
  return hasErrors(findings) ? exit.invalid : exit.done
}

function checkBeside(
  { content, people: file }: Pick<Config, 'content' | 'people'>,
  people: People | undefined,
  cwd: string,
): Diagnostic[] {
  const folder = dirname(content)
  return [
    ...checkPostmortems(join(folder, 'postmortems'), cwd, people?.aliases),
    ...(people === undefined ? [] : checkContacts(join(folder, 'severities.yaml'), people.holders, cwd)),
    ...checkContactAges(file, Date.now(), cwd),
  ]
}

/** One runbook by name or path, every document of a folder, or the whole library. */
function chosen(
  config: Config,
  name: string | undefined,
  io: Io,
): { content: string; entries: LibraryEntry[] } {
  const folder = name === undefined ? config.content : resolve(io.cwd, name)
  if (name === undefined || (existsSync(folder) && statSync(folder).isDirectory())) {
    const inside = !relative(config.content, folder).startsWith('..')
    const content = inside ? config.content : folder
    const within = folder.endsWith(sep) ? folder : folder + sep
    const entries = listEntries(content).filter(({ path }) => path.startsWith(within))
    if (entries.length > 0) return { content, entries }
    const where = shown(folder, io.cwd)
    const others = existsSync(folder) ? otherDocuments(folder) : []
    const hint =
      others.length > 0
        ? ignoredFiles(others, where)
        : 'Write one with `runbook new blank hello`, or name another folder.'
    throw new CliError(exit.usage, `There are no runbooks in ${where}`, hint)
  }
  const entry = findEntry(config.content, name, io.cwd)
  if (!entry) throw unknownRunbook(config, name, io)
  return { content: config.content, entries: [entry] }
}

function print(report: CheckReport, format: Format, io: Io): void {
  if (format === 'json') return io.out(jsonReport(report))
  if (format === 'sarif') return io.out(sarifReport(forHost(report, io)))
  if (format === 'github')
    return report.findings.length > 0 ? io.out(githubReport(forHost(report, io))) : undefined
  const frame = process.stdout.isTTY
  const { findings, checked, site } = report
  for (const finding of findings) io.out(formatDiagnostic(finding, io, frame, site))
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  io.note(
    `${counted(checked, 'runbook')} checked: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`,
  )
}

function forHost(report: CheckReport, { cwd }: Io): CheckReport {
  const inRepository = placesInRepository(cwd)
  const findings = report.findings.map(({ notes, ...finding }) => ({
    ...finding,
    place: inRepository(finding.place),
    ...(notes && { notes: notes.map((note) => ({ ...note, place: inRepository(note.place) })) }),
  }))
  return { ...report, findings }
}
