/** Lines around a change that are shown with it. */
const around = 2

interface Line {
  sign: '+' | '-' | ' '
  text: string
}

/** The lines that differ, with `+` and `-`, and a few around them. */
export function lineDiff(before: string, after: string): string[] {
  const lines = compare(before.split('\n'), after.split('\n'))
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ sign }) => sign !== ' ')
  return lines.flatMap(({ sign, text }, index) => {
    if (near(index)) return [`${sign} ${text}`]
    return index > 0 && near(index - 1) ? ['  …'] : []
  })
}

/** Longest common subsequence, after what is the same at both ends is set aside. */
function compare(before: string[], after: string[]): Line[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++
  const same = (text: string): Line => ({ sign: ' ', text })
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ]
}

function middle(before: string[], after: string[]): Line[] {
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  const at = (row: number, column: number): number => common[row * width + column] ?? 0
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < before.length || column < after.length) {
    if (row < before.length && before[row] === after[column] && column < after.length) {
      lines.push({ sign: ' ', text: before[row++] ?? '' })
      column++
    } else if (row < before.length && (column === after.length || at(row + 1, column) >= at(row, column + 1)))
      lines.push({ sign: '-', text: before[row++] ?? '' })
    else lines.push({ sign: '+', text: after[column++] ?? '' })
  }
  return lines
}
