import type { Place } from '../diagnostic.ts'

interface Positioned {
  position?: { start: { line: number; column: number }; end: { line: number; column: number } } | undefined
}

export function placeOf(node: Positioned, file: string): Place {
  const position = node.position
  if (!position) return { file, line: 1, column: 1 }
  const { start, end } = position
  return { file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column }
}

/** The place of a part of a text whose first character stands at `start`, each line indented as its first one is. */
export function placeWithin(start: Place, text: string, offset: number, length: number): Place {
  const before = text.slice(0, offset).split('\n')
  const line = start.line + before.length - 1
  const column = start.column + (before.at(-1)?.length ?? 0)
  return { file: start.file, line, column, endLine: line, endColumn: column + length }
}
