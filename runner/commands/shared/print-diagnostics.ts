import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { docsAddress } from '../../check/format.ts'
import type { Diagnostic, Place } from '../../model/diagnostic.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'

/** Prints findings as compilers do: with the line they stand on for a person, one line each for a pipe. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], io: Io, site?: string): void {
  const frame = process.stderr.isTTY
  for (const diagnostic of diagnostics)
    process.stderr.write(`${formatDiagnostic(diagnostic, io, frame, site)}\n`)
}

/** With a code frame over several lines, or everything on one line. */
export function formatDiagnostic(diagnostic: Diagnostic, io: Io, frame: boolean, site?: string): string {
  const severity = io.style(diagnostic.severity === 'error' ? 'red' : 'yellow', diagnostic.severity)
  const head = `${at(diagnostic.place)}: ${severity}: ${printable(diagnostic.message)} [${diagnostic.code}]`
  const notes = (diagnostic.notes ?? []).map((note) => `note: ${at(note.place)}: ${printable(note.message)}`)
  const hint = diagnostic.hint === undefined ? [] : [`hint: ${printable(diagnostic.hint)}`]
  const more = [...notes, ...hint, `docs: ${docsAddress(diagnostic.code, site)}`]
  if (!frame) return [head, ...more].join(' · ').replaceAll('\n', ' ')
  return [io.style('bold', head), ...codeFrame(diagnostic, io), ...more.map((line) => `  ${line}`), ''].join(
    '\n',
  )
}

function at({ file, line, column }: Place): string {
  return `${printable(file)}:${line}:${column}`
}

/** The line of a finding, cut to what fits; a secret on it is not repeated. */
function codeFrame({ place, code }: Diagnostic, io: Io): string[] {
  const line = lineOf(place, io.cwd)
  if (line === undefined) return []
  const start = Math.min(place.column - 1, line.length)
  const end =
    place.endLine === place.line && place.endColumn !== undefined
      ? Math.min(place.endColumn - 1, line.length)
      : line.length
  const shown =
    code === 'real-secret' ? line.slice(0, start) + '*'.repeat(end - start) + line.slice(end) : line
  const from = start > 80 ? start - 40 : 0
  const text = shown.slice(from, from + 140).replaceAll('\t', ' ')
  const number = String(place.line)
  const marks = '^'.repeat(Math.max(1, Math.min(end, from + 140) - start))
  return [
    `  ${io.style('dim', `${number} |`)} ${printable(text)}`,
    `  ${' '.repeat(number.length)} ${io.style('dim', '|')} ${' '.repeat(start - from)}${io.style('red', marks)}`,
  ]
}

function lineOf(place: Place, cwd: string): string | undefined {
  try {
    return readFileSync(resolve(cwd, place.file), 'utf8').split(/\r\n|\n|\r/)[place.line - 1]
  } catch {
    return undefined
  }
}
