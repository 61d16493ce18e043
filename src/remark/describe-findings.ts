import type { Diagnostic, Place } from '../../runner/model/diagnostic.ts'

/** Findings as compilers print them, one after the other. */
export function describeAll(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(describe).join('\n')
}

function describe({ place, severity, message, code, notes, hint }: Diagnostic): string {
  const lines = [`${at(place)}: ${severity}: ${message} [${code}]`]
  for (const note of notes ?? []) lines.push(`  note: ${at(note.place)}: ${note.message}`)
  if (hint) lines.push(`  hint: ${hint}`)
  return lines.join('\n')
}

function at({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}
