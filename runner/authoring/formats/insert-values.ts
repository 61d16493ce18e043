type Place = 'comment' | 'double' | 'heredoc' | 'plain' | 'quoted-heredoc' | 'single'

/**
 * Replaces the templates of a shell script by variables, quoted for where each stands: a value is never read as code. `variable`
 * gives the name for the text between the braces. Undefined when one stands where no variable is read, as in a quoted here-document.
 */
export function insertInShell(
  code: string,
  template: RegExp,
  variable: (inner: string) => string,
): string | undefined {
  const matches = [...code.matchAll(template)]
  const places = placesIn(
    code,
    matches.map(({ index, 0: { length } }) => [index, index + length]),
  )
  if (places.includes('quoted-heredoc')) return undefined
  let result = ''
  let at = 0
  for (const [index, match] of matches.entries()) {
    const name = `\${${variable((match[1] ?? '').trim())}}`
    const quoted = { comment: name, heredoc: name, double: name, plain: `"${name}"`, single: `'"${name}"'` }
    result += code.slice(at, match.index) + quoted[places[index] as keyof typeof quoted]
    at = match.index + match[0].length
  }
  return result + code.slice(at)
}

/** How the shell reads each range; the text inside the ranges is not read. */
function placesIn(code: string, ranges: readonly (readonly [number, number])[]): Place[] {
  const places: Place[] = []
  const stack: ('double' | 'plain')[] = ['plain']
  const heredocs: { word: string; isQuoted: boolean; strip: boolean }[] = []
  let next = 0
  const range = (at: number): readonly [number, number] | undefined => {
    const one = ranges[next]
    return one?.[0] === at ? one : undefined
  }
  /** Reads to an end, as one kind of text. */
  const through = (from: number, isEnd: (at: number) => boolean, place: Place): number => {
    let at = from
    while (at < code.length && !isEnd(at)) {
      const inner = range(at)
      if (inner) {
        places.push(place)
        next += 1
        at = inner[1]
      } else at += 1
    }
    return at
  }
  for (let at = 0; at < code.length;) {
    const here = range(at)
    const within = stack.at(-1) ?? 'plain'
    const char = code[at]
    if (here) {
      places.push(within)
      next += 1
      at = here[1]
    } else if (char === '\\') at += 2
    else if (code.startsWith('$(', at)) {
      stack.push('plain')
      at += 2
    } else if (within === 'double') {
      if (char === '"') stack.pop()
      at += 1
    } else if (char === "'") at = through(at + 1, (end) => code[end] === "'", 'single') + 1
    else if (char === '"') {
      stack.push('double')
      at += 1
    } else if (char === '(') {
      stack.push('plain')
      at += 1
    } else if (char === ')') {
      if (stack.length > 1) stack.pop()
      at += 1
    } else if (char === '#' && /^$|\s/.test(code[at - 1] ?? ''))
      at = through(at, (end) => code[end] === '\n', 'comment')
    else if (code.startsWith('<<', at) && code[at + 2] !== '<') {
      const opening = /^<<(-?)\s*(["']?)(\w+)\2/.exec(code.slice(at, at + 80))
      if (opening)
        heredocs.push({ word: opening[3] ?? '', isQuoted: opening[2] !== '', strip: opening[1] === '-' })
      at += opening?.[0].length ?? 2
    } else if (char === '\n' && heredocs.length > 0) {
      at += 1
      for (const { word, isQuoted, strip } of heredocs.splice(0)) {
        const line = new RegExp(`^${strip ? '\\t*' : ''}${word}$`, 'm')
        const end = line.exec(code.slice(at))
        const stop = end ? at + end.index : code.length
        at =
          through(at, (index) => index >= stop, isQuoted ? 'quoted-heredoc' : 'heredoc') +
          (end?.[0].length ?? 0)
      }
    } else at += 1
  }
  return places
}

/** A word of the shell: literal text in quotes, and variables. */
export function shellText(parts: readonly ({ text: string } | { variable: string })[]): string {
  const inner = parts.map((part) =>
    'text' in part ? part.text.replaceAll(/[\\"$`]/g, String.raw`\$&`) : `\${${part.variable}}`,
  )
  return `"${inner.join('')}"`
}
