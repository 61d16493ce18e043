type Row = readonly [left: string, right: string]

/** Two columns; on a terminal the right one is broken at words, and stays a column. */
export function columns(
  rows: readonly Row[],
  width = Math.max(...rows.map(([left]) => left.length)),
): string[] {
  const room = (process.stdout.columns ?? Infinity) - width - 4
  return rows.map(([left, right]) => {
    const lines = room < 20 ? [right] : broken(right, room)
    return `  ${left.padEnd(width)}  ${lines.join(`\n${' '.repeat(width + 4)}`)}`.trimEnd()
  })
}

function broken(text: string, room: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > room) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
