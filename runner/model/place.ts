import type { Place } from './diagnostic.ts'

interface Positioned {
  position?: { start: { line: number; column: number }; end: { line: number; column: number } } | undefined
}

export function placeOf(node: Positioned, file: string): Place {
  const position = node.position
  if (!position) return { file, line: 1, column: 1 }
  const { start, end } = position
  return { file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column }
}
