export interface Line {
  sign: ' ' | '+' | '-'
  text: string
}

/** Lines that left and lines that came, by the longest common subsequence, after what is the same at both ends. */
export function difference(before: string, after: string): Line[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start++
  let end = 0
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return [
    ...a.slice(0, start).map(same),
    ...changed(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ]
}

function same(text: string): Line {
  return { sign: ' ', text }
}

/** Longest stretch that is compared line by line, in pairs of lines; time and memory grow with it. */
const mostPairs = 16_000_000

function changed(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1
  const pairs = (a.length + 1) * width
  const lengths = new Uint32Array(pairs <= mostPairs ? pairs : 0)
  const common = (i: number, j: number): number => lengths[i * width + j] ?? 0
  if (lengths.length > 0)
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        lengths[i * width + j] =
          a[i] === b[j] ? common(i + 1, j + 1) + 1 : Math.max(common(i + 1, j), common(i, j + 1))
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(same(a[i++] ?? ''))
      j++
    } else if (j >= b.length || (i < a.length && common(i + 1, j) >= common(i, j + 1)))
      lines.push({ sign: '-', text: a[i++] ?? '' })
    else lines.push({ sign: '+', text: b[j++] ?? '' })
  }
  return lines
}

/** Only the changes and a few lines around them. */
export function hunks(lines: readonly Line[], around = 2): (Line | 'gap')[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ sign }) => sign !== ' '),
  )
  return lines.flatMap((line, at): (Line | 'gap')[] => (near[at] ? [line] : near[at - 1] ? ['gap'] : []))
}
