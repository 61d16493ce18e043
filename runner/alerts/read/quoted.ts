/** Most quoted texts of one file that are put right. */
const most = 500

interface Broken {
  code: string
  pos: readonly [number, number]
}

/**
 * Prometheus' reader takes a quoted text that goes on at the column of its key, or before it; YAML wants it deeper.
 * Puts such a text on one line, so that every character keeps its place. Undefined when no text needs it.
 */
export function joinQuoted(
  text: string,
  errors: readonly Broken[],
  errorsOf: (text: string) => readonly Broken[],
): string | undefined {
  let joined = text
  let [error] = errors
  for (let count = 0; error && count < most; count++) {
    const next = error.code === 'MISSING_CHAR' ? joinAt(joined, error.pos[0]) : undefined
    if (next === undefined) return undefined
    joined = next
    error = errorsOf(joined)[0]
  }
  return error || joined === text ? undefined : joined
}

/** Joins the quoted text that is open at the end of a line. */
function joinAt(text: string, at: number): string | undefined {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const opening = /^\s*(?:- +)*(?:[\w."'/-]+ *: +)?(?:[&!]\S+ +)*(["'])/.exec(text.slice(lineStart, at + 1))
  if (!opening) return undefined
  const start = lineStart + opening[0].length
  const end = closingQuote(text, start, opening[1] ?? '')
  if (end === undefined || !/^[ \t]*(?:#.*)?(?:\r?\n|$)/.test(text.slice(end + 1, end + 200)))
    return undefined
  const inside = text.slice(start, end)
  if (!inside.includes('\n') || /^(?:---|\.\.\.)\s/m.test(inside)) return undefined
  return text.slice(0, start) + inside.replaceAll(/[\r\n]/g, ' ') + text.slice(end)
}

function closingQuote(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at += 1
    else if (text[at] === quote && quote === "'" && text[at + 1] === quote) at += 1
    else if (text[at] === quote) return at
  }
  return undefined
}
