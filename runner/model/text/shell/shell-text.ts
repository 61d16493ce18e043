/** Where a character of a script stands: what a value put there would need around it. */
export type Context = 'bare' | 'double' | 'single' | 'ansi' | 'heredoc' | 'raw' | 'comment'

interface Scan {
  code: string
  at: number
  /** `tick` is the inside of backticks, which reads as bare. */
  stack: (Context | 'tick')[]
  /** Here-documents that begin on the next line. */
  pending: { word: string; context: 'heredoc' | 'raw'; dash: boolean }[]
}

/**
 * Walks a script and tells for each character in which quoting it stands. It follows quotes, substitutions,
 * comments and here-documents; it does not parse commands.
 */
export function scanShell(
  code: string,
  visit: (at: number, context: Context) => number | undefined,
): { open: boolean } {
  const scan: Scan = { code, at: 0, stack: ['bare'], pending: [] }
  while (scan.at < code.length) {
    const top = scan.stack.at(-1) ?? 'bare'
    const context = top === 'tick' ? 'bare' : top
    const skip = visit(scan.at, context)
    if (skip !== undefined && skip > 0) scan.at += skip
    else step(scan, context, visit)
  }
  return { open: scan.stack.length > 1 && scan.stack.at(-1) !== 'comment' }
}

type Visit = (at: number, context: Context) => number | undefined

function step(scan: Scan, context: Context, visit: Visit): void {
  const { code, at } = scan
  const char = code[at] ?? ''
  scan.at++
  if (char === '\n' && scan.pending.length > 0) {
    if (context === 'comment') scan.stack.pop()
    return skipHeredocs(scan, visit)
  }
  if (context === 'comment') {
    if (char === '\n') scan.stack.pop()
  } else if (context === 'single') {
    if (char === "'") scan.stack.pop()
  } else if (char === '\\') {
    scan.at++
  } else if (context === 'ansi') {
    if (char === "'") scan.stack.pop()
  } else if (context === 'double') {
    stepDouble(scan, char)
  } else {
    stepBare(scan, char)
  }
}

function stepDouble(scan: Scan, char: string): void {
  if (char === '"') scan.stack.pop()
  else if (char === '$' && scan.code[scan.at] === '(') open(scan, 'bare', 1)
  else if (char === '`') backtick(scan)
}

function stepBare(scan: Scan, char: string): void {
  const { code, at } = scan
  const next = code[at]
  if (char === '"') scan.stack.push('double')
  else if (char === "'") scan.stack.push('single')
  else if (char === '$' && next === "'") open(scan, 'ansi', 1)
  else if (char === '#' && /[\s;&|(]|^$/.test(code[at - 2] ?? '')) scan.stack.push('comment')
  else if (char === '(') scan.stack.push('bare')
  else if (char === ')' && scan.stack.length > 1 && scan.stack.at(-1) === 'bare') scan.stack.pop()
  else if (char === '`') backtick(scan)
  else if (
    char === '<' &&
    next === '<' &&
    code[at + 1] !== '<' &&
    code[at - 2] !== '<' &&
    !inArithmetic(scan)
  )
    heredoc(scan)
}

function open(scan: Scan, context: Context, skip: number): void {
  scan.stack.push(context)
  scan.at += skip
}

function backtick(scan: Scan): void {
  const started = scan.stack.lastIndexOf('tick')
  if (started === -1) scan.stack.push('tick')
  else scan.stack.length = started
}

/** `<<` inside `(( … ))` shifts. */
function inArithmetic({ code, at }: Scan): boolean {
  const line = code.slice(code.lastIndexOf('\n', at - 1) + 1, at)
  return line.lastIndexOf('((') > line.lastIndexOf('))')
}

function heredoc(scan: Scan): void {
  const start = /^<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|(\\?)([^\s;&|<>()'"]+))/.exec(
    scan.code.slice(scan.at, scan.at + 200),
  )
  if (!start) return
  const [whole, dash, single, double, backslash, plain] = start
  const raw = single !== undefined || double !== undefined || backslash === '\\'
  scan.pending.push({
    word: single ?? double ?? plain ?? '',
    context: raw ? 'raw' : 'heredoc',
    dash: dash === '-',
  })
  scan.at += whole.length
}

function skipHeredocs(scan: Scan, visit: Visit): void {
  for (let next = scan.pending.shift(); next; next = scan.pending.shift()) {
    for (;;) {
      const end = lineEnd(scan)
      const line = scan.code.slice(scan.at, end).replace(/\r$/, '')
      if ((next.dash ? line.replace(/^\t+/, '') : line) === next.word) {
        scan.at = Math.min(end + 1, scan.code.length)
        break
      }
      if (scan.at >= scan.code.length) {
        scan.stack.push(next.context)
        return
      }
      while (scan.at <= end && scan.at < scan.code.length)
        scan.at += Math.max(1, visit(scan.at, next.context) ?? 0)
    }
  }
}

function lineEnd(scan: Scan): number {
  const end = scan.code.indexOf('\n', scan.at)
  return end === -1 ? scan.code.length : end
}

/** Whether a quote, a substitution or a here-document is still open at the end. */
export function isOpen(code: string): boolean {
  return scanShell(code.endsWith('\n') ? code : `${code}\n`, () => undefined).open
}
