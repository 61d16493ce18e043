import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { printable } from './io.ts'
import type { Io } from './io.ts'

/** Prints findings as compilers do: with the line they stand on for a person, one line each for a pipe. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], io: Io): void {
  for (const found of diagnostics)
    process.stderr.write(`${formatDiagnostic(found, io, process.stderr.isTTY)}\n`)
}

export function formatDiagnostic(found: Diagnostic, io: Io, frame: boolean): string {
  const severity = io.style(found.severity === 'error' ? 'red' : 'yellow', found.severity)
  const head = `${at(found.place)}: ${severity}: ${printable(found.message)} [${found.code}]`
  const notes = (found.notes ?? []).map((note) => `  note: ${at(note.place)}: ${printable(note.message)}`)
  const hint = found.hint === undefined ? [] : [`  hint: ${printable(found.hint)}`]
  if (!frame) return [head, ...notes, ...hint].join('\n')
  return [io.style('bold', head), ...codeFrame(found.place, io), ...notes, ...hint, ''].join('\n')
}

function at({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

function codeFrame(place: Place, io: Io): string[] {
  const text = lineOf(place, io.cwd)
  if (text === undefined) return []
  const number = String(place.line)
  const end =
    place.endLine === place.line && place.endColumn !== undefined ? place.endColumn : text.length + 1
  const marks = '^'.repeat(Math.max(1, Math.min(end, text.length + 1) - place.column))
  const indent = ' '.repeat(Math.max(0, place.column - 1))
  return [
    `  ${io.style('dim', `${number} |`)} ${printable(text)}`,
    `  ${' '.repeat(number.length)} ${io.style('dim', '|')} ${indent}${io.style('red', marks)}`,
  ]
}

function lineOf(place: Place, cwd: string): string | undefined {
  try {
    return readFileSync(resolve(cwd, place.file), 'utf8').split(/\r?\n/)[place.line - 1]
  } catch {
    return undefined
  }
}
