import { structuredPatch } from 'diff'

export interface ChangedLine {
  sign: ' ' | '+' | '-'
  text: string
}

/** Unchanged lines that are shown around each change. */
const around = 2
/** Most changed lines that are compared; two texts that differ in more are shown one after the other. */
const mostChanges = 2_000

/** The lines that left and came between two texts, with a few around them; `gap` where unchanged lines are left out. */
export function difference(before: string, after: string): (ChangedLine | 'gap')[] {
  const patch = structuredPatch('', '', before, after, '', '', {
    context: around,
    maxEditLength: mostChanges,
  })
  if (patch === undefined) return [...signed('-', before), ...signed('+', after)]
  return patch.hunks.flatMap(({ oldStart, lines }): (ChangedLine | 'gap')[] => [
    ...(oldStart > 1 ? (['gap'] as const) : []),
    ...lines.filter((line) => !line.startsWith('\\')).map(lineOf),
  ])
}

function lineOf(line: string): ChangedLine {
  return { sign: line[0] as ChangedLine['sign'], text: line.slice(1) }
}

function signed(sign: '+' | '-', text: string): ChangedLine[] {
  return text.split('\n').map((line) => ({ sign, text: line }))
}
