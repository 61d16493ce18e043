import { RE2JS } from 're2js'
import { memo } from '../memo.ts'
import { failure, success } from '../problem.ts'
import type { Outcome } from '../problem.ts'

/** Whether a whole text matches, in time that grows with its length and with nothing else. */
export type Pattern = (text: string) => boolean

const hint =
  'Write it in the syntax of RE2, without lookaround and backreferences: https://github.com/google/re2/wiki/Syntax.'

/** How many compiled patterns are kept. */
const mostCompiled = 500
const withinLine = memo(mostCompiled, (source) => compile(source, false))
const acrossLines = memo(mostCompiled, (source) => compile(source, true))

/**
 * Compiles a regular expression of the RE2 syntax, which must match the whole text. `dotAll`: a dot matches line
 * breaks too, as in PromQL.
 */
export function compilePattern(source: string, { dotAll = false } = {}): Outcome<Pattern> {
  return dotAll ? acrossLines(source) : withinLine(source)
}

function compile(source: string, dotAll: boolean): Outcome<Pattern> {
  try {
    // The translation would take the backslash away and leave ordinary text.
    if (/(?<!\\)(?:\\\\)*\\k</.test(source)) throw new Error('`\\k` is a backreference')
    const pattern = RE2JS.compile(RE2JS.translateRegExp(source), dotAll ? RE2JS.DOTALL : 0)
    return success((text) => pattern.matches(text))
  } catch (error) {
    const why = (error as Error).message.replace(/^error parsing regexp: /, '')
    return failure(`Unexpected pattern \`${source}\`, expected a regular expression: ${why}`, { hint })
  }
}

/** Most repetitions without an end in a pattern that a browser checks: each one multiplies its time by the text's length. */
const mostUnbounded = 3

/**
 * Whether an engine that backtracks, such as a browser's, checks short texts against the pattern in a time nobody
 * notices: nothing is repeated that holds a repetition or a choice.
 */
export function suitsBacktracking(source: string): boolean {
  const plain = source.replaceAll(/\\./gs, 'a').replaceAll(/\[\^?\]?[^\]]*\]/g, 'a')
  if ((plain.match(/[*+]|\{\d+,\}/g) ?? []).length > mostUnbounded) return false
  let rest = plain
  for (let before = ''; rest !== before;) {
    before = rest
    if (/\([^()]*[*+{|?][^()]*\)[*+{]/.test(rest.replaceAll('(?:', '('))) return false
    // A group that is not repeated counts as what it holds.
    rest = rest
      .replaceAll('(?:', '(')
      .replace(/\(([^()]*)\)(?![*+{])/, '$1')
      .replace(/\(([^()*+{|?]*)\)/, 'a')
  }
  return !rest.includes('(')
}
