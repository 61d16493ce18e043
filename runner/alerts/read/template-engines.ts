/** One `{{ … }}` or `{% … %}` of a template engine. */
export interface Action {
  start: number
  end: number
  /** When the whole action is a quoted text: where that text stands, and the escaping backslashes within it. */
  literal?: [from: number, to: number, escapes: number[]]
  /** Whether it puts nothing into the output itself: `if`, `end`, a comment. */
  silent: boolean
  /** Whether nothing at all depends on it: a comment, an assignment. */
  empty: boolean
}

const silentWord =
  /^(if|else|elif|end|endif|range|for|endfor|with|endwith|define|block|break|continue|set|macro|endmacro|import)\b/
const assignment = /^\$\w+\s*:?=/
const raw = /\{%-?\s*raw\s*-?%\}([\s\S]*?)\{%-?\s*endraw\s*-?%\}/y

/** Finds the actions of a text in order. One that never ends is left as text. */
export function readActions(source: string): Action[] {
  const actions: Action[] = []
  const opening = /\{\{|\{%/g
  for (let match = opening.exec(source); match; match = opening.exec(source)) {
    const action = rawBlock(source, match.index) ?? readAction(source, match.index)
    if (!action) continue
    actions.push(action)
    opening.lastIndex = action.end
  }
  return actions
}

function rawBlock(source: string, start: number): Action | undefined {
  raw.lastIndex = start
  const match = raw.exec(source)
  if (!match) return undefined
  const from = start + source.slice(start).indexOf('%}') + 2
  return {
    start,
    end: raw.lastIndex,
    literal: [from, from + (match[1] ?? '').length, []],
    silent: false,
    empty: false,
  }
}

function readAction(source: string, start: number): Action | undefined {
  const close = source[start + 1] === '%' ? '%}' : '}}'
  const end = findEnd(source, start + 2, close)
  if (end === undefined) return undefined
  const from = start + 2 + (/^-?\s*/.exec(source.slice(start + 2, end))?.[0].length ?? 0)
  const content = source.slice(from, end - 2).replace(/\s*-?$/, '')
  const literal = literalAt(content, from)
  if (literal) return { start, end, literal, silent: false, empty: false }
  const empty = content.startsWith('/*') || assignment.test(content)
  return { start, end, silent: empty || close === '%}' || silentWord.test(content), empty }
}

/** The end of an action, which its own texts and comments do not close. */
function findEnd(source: string, from: number, close: string): number | undefined {
  for (let at = from; at < source.length; at++) {
    if (source.startsWith(close, at)) return at + 2
    const character = source[at]
    if (character === '"' || character === '`' || (character === "'" && isQuote(source, at))) {
      const next = endOfText(source, at, character)
      if (next === undefined) return undefined
      at = next
    } else if (source.startsWith('/*', at)) {
      const next = source.indexOf('*/', at)
      if (next === -1) return undefined
      at = next + 1
    }
  }
  return undefined
}

/** An apostrophe begins a text only where a word may begin. */
function isQuote(source: string, at: number): boolean {
  return /[\s({,]/.test(source[at - 1] ?? ' ')
}

function endOfText(source: string, start: number, quote: string): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === quote) return at
    if (source[at] === '\\' && quote === '"') at += 1
    if (source[at] === '\n' && quote !== '`') return undefined
  }
  return undefined
}

function literalAt(content: string, from: number): [number, number, number[]] | undefined {
  const quote = content[0]
  if (quote === undefined || !'"`\''.includes(quote) || content.length < 2) return undefined
  if (endOfText(content, 0, quote) !== content.length - 1) return undefined
  const escapes = quote === '"' ? [...content.matchAll(/\\./g)].map(({ index }) => from + index) : []
  return [from + 1, from + content.length - 1, escapes]
}
