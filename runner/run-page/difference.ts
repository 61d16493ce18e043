export interface Line {
  sign: ' ' | '+' | '-'
  text: string
}

/** Lines that left and lines that came, by the longest common subsequence. Documents are short; this is quadratic. */
export function difference(before: string, after: string): Line[] {
  const a = before.split('\n')
  const b = after.split('\n')
  const lengths = table(a, b)
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i++] ?? '' })
      j++
    } else if (j >= b.length || (i < a.length && (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))) {
      lines.push({ sign: '-', text: a[i++] ?? '' })
    } else lines.push({ sign: '+', text: b[j++] ?? '' })
  }
  return lines
}

function table(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i] as Uint16Array
      row[j] =
        a[i] === b[j]
          ? (lengths[i + 1]?.[j + 1] ?? 0) + 1
          : Math.max(lengths[i + 1]?.[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return lengths
}

/** Only the changes and a few lines around them. */
export function hunks(lines: readonly Line[], around = 2): (Line | 'gap')[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ sign }) => sign !== ' '),
  )
  return lines.flatMap((line, at): (Line | 'gap')[] => (near[at] ? [line] : near[at - 1] ? ['gap'] : []))
}
