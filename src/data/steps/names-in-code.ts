/** The places of a declared name in code, as `$name`, `${name}` or `${{ inputs.name }}`. */
export interface NameInCode {
  name: string
  start: number
  end: number
  /** It is within an address, where a value is percent-encoded; one at its beginning is unchanged. */
  url?: boolean
}

const shells = new Set(['bash', 'sh', 'shell', 'zsh'])

function isShell(lang: string): boolean {
  return shells.has(lang)
}

/**
 * Finds the places where a value will stand, so that the page can fill them in. In a shell, single quotes, comments
 * and backslashes keep a `$name` literal; those are left alone, or the page would show another command than runs.
 */
export function namesInCode(code: string, lang: string, names: ReadonlySet<string>): NameInCode[] {
  const all = isShell(lang) ? shellNames(code) : templateNames(code, lang)
  return all.filter(({ name }) => names.has(name))
}

function templateNames(code: string, lang: string): NameInCode[] {
  return [...code.matchAll(/\$\{\{\s*inputs\.([a-z][a-z0-9_]*)\s*\}\}/g)].map((match) => ({
    name: match[1] ?? '',
    start: match.index,
    end: match.index + match[0].length,
    url: lang === 'http' && /^\S+\s+\S.*$/.test(code.slice(0, match.index)),
  }))
}

function shellNames(code: string): NameInCode[] {
  const places: NameInCode[] = []
  // Inside `$(…)` quoting begins anew, also within double quotes.
  const outer: boolean[] = []
  let quoted = false
  for (let at = 0; at < code.length; at++) {
    const char = code[at]
    if (char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (char === "'" && !quoted) at = closing(code, "'", at + 1)
    else if (char === '#' && !quoted && /(^|\s)$/.test(code.slice(0, at))) at = closing(code, '\n', at)
    else if (char === '<' && !quoted) at = afterQuotedHeredoc(code, at)
    else if (char === '(' && (!quoted || code[at - 1] === '$')) {
      outer.push(quoted)
      quoted = false
    } else if (char === ')' && !quoted) quoted = outer.pop() ?? false
    else if (char === '$') {
      const name = nameAt(code, at)
      if (!name) continue
      places.push(name)
      at = name.end - 1
    }
  }
  return places
}

function nameAt(code: string, start: number): NameInCode | undefined {
  const match = /^\$(?:([a-z][a-z0-9_]*)(?![A-Za-z0-9_])|\{([a-z][a-z0-9_]*)\})/.exec(code.slice(start))
  return match ? { name: match[1] ?? match[2] ?? '', start, end: start + match[0].length } : undefined
}

function closing(code: string, char: string, from: number): number {
  const end = code.indexOf(char, from)
  return end === -1 ? code.length : end
}

/** `<<'EOF'` keeps everything up to its delimiter literal. */
function afterQuotedHeredoc(code: string, at: number): number {
  const match = /^<<-?\s*(?:'([^'\n]+)'|"([^"\n]+)"|\\(\S+))/.exec(code.slice(at))
  if (!match) return at
  const word = match[1] ?? match[2] ?? match[3] ?? ''
  const end = new RegExp(`\\n\\t*${word.replaceAll(/[^A-Za-z0-9_]/g, String.raw`\$&`)}(?=\\n|$)`).exec(
    code.slice(at),
  )
  return end ? at + end.index + end[0].length - 1 : code.length
}
