import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, DiagnosticDetails, Place } from '../diagnostic.ts'
import { language } from '../steps/languages.ts'
import { lineOf } from '../runbook.ts'
import type { Fence, Step } from '../runbook.ts'
import type { Code } from '../diagnostic-rules.ts'
import { findSecrets, mayHoldSecrets } from './secrets.ts'

interface LineRule {
  code: Code
  pattern: RegExp
  message(match: string): string
  hint: string
  /** False when this occurrence is meant. */
  counts?(match: string, line: string, at: number): boolean
}

const localHost =
  /^(localhost|127\.|0\.0\.0\.0|\[|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|[^./:]+([:/]|$)|[^/]*\.(local|localhost|internal|test|example|invalid|svc|lan|cluster\.local|example\.(com|org|net))([:/]|$)|example\.(com|org|net)([:/]|$)|(www\.)?(w3\.org|json-schema\.org|apache\.org\/licenses|schemas\.))/i

/** Rules that look at one line of the document at a time, whatever stands on it. */
const lineRules: LineRule[] = [
  {
    code: 'plain-http',
    pattern: /\bhttp:\/\/([^\s"'`<>)\]}\\]+)/g,
    message: (match) => `Unexpected address \`${short(match)}\`, expected https://`,
    hint: 'Write https://; what is read here is acted on, so nobody in between may change it.',
    counts: (match) =>
      !localHost.test(match.slice(7)) &&
      !/^http:\/\/[$<{[]/.test(match) &&
      !/^http:\/\/[^/]*@?[$<{]/.test(match),
  },
  {
    code: 'fence-in-html',
    pattern: /\{(?:\{[<%]|%)-?\s*highlight\s+["']?(?:bash|sh|shell|console|zsh|terminal)\b/g,
    message: () => 'Unexpected code in a shortcode, expected a fence',
    hint: 'Write three backticks and the language: only a fence is a step.',
  },
  {
    code: 'home-path',
    pattern:
      /(?<![\w.])(?:\/Users\/|\/home\/|[A-Z]:\\Users\\)(?!\$|<|\{|\*|\.\.\.)[\w.-]+(?=[/\\\s"'`:)]|$)/g,
    message: (match) => `Unexpected path \`${match}\` into one person's home folder`,
    hint: 'Write `~`, `$HOME` or a path relative to the repository, so that it works for whoever is on call.',
    counts: (match, line, at) => !/[\w)]$/.test(line.slice(0, at)) && !/^\/home\/(page|index)/.test(match),
  },
  {
    code: 'placeholder-date',
    pattern:
      /\b(?:(?:19|20)(?:\d\d|XX)-(?:\d\d|XX|MM)-(?:XX|DD|\?\?)|20XX-\d\d-\d\d|(?:19|20)\d\d-(?:XX|MM)(?!-)|20XX)\b/g,
    message: (match) => `Unexpected date \`${match}\`, expected a real one`,
    hint: 'Write the day, or remove the date.',
  },
  {
    code: 'unfinished-text',
    pattern: /(?<![\w-])(?:TODO|FIXME|TBD|TBC)(?![\w-])/g,
    message: (match) => `Unexpected \`${match}\`, expected a finished text`,
    hint: 'Complete it, or keep the note outside the runbook: a responder cannot complete it.',
  },
]

/** Looks at a document's words and scripts for what makes a runbook fail when it is needed. */
export function lint(text: string, steps: readonly Step[], file: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const lines = text.split(/\r\n|\n|\r/)
  const read = lines.map((line) => (line.length > 20_000 ? '' : line))
  // Most rules match nowhere in a document: one look at all of it leaves them out.
  const whole = read.join('\n')
  const rules = lineRules.filter(({ pattern }) => whole.search(pattern) !== -1)
  const hasSecrets = mayHoldSecrets(whole)
  for (const [index, line] of read.entries()) {
    const place = { file, line: index + 1, column: 1 }
    for (const rule of rules) diagnostics.push(...applyRule(rule, line, place))
    if (hasSecrets) diagnostics.push(...secretsIn(line, place))
  }
  for (const step of steps) for (const fence of step.fences) diagnostics.push(...lintFence(fence, lines))
  return diagnostics
}

function applyRule(rule: LineRule, line: string, place: Place): Diagnostic[] {
  return [...line.matchAll(rule.pattern)]
    .filter((match) => rule.counts?.(match[0], line, match.index) ?? true)
    .map((match) =>
      finding(rule.code, place, match.index, match[0].length, rule.message(match[0]), { hint: rule.hint }),
    )
}

/** The value itself is never repeated: findings end up in logs. */
function secretsIn(line: string, place: Place): Diagnostic[] {
  return findSecrets(line).map(({ offset, length, what }) =>
    finding('real-secret', place, offset, length, `Unexpected ${what}, it looks real`, {
      hint: 'Revoke it if it is real, then declare an input of type `secret` and use its variable.',
    }),
  )
}

function finding(
  code: Code,
  place: Place,
  offset: number,
  length: number,
  message: string,
  details: DiagnosticDetails,
): Diagnostic {
  const { file, line } = place
  return diagnostic(
    code,
    { file, line, column: offset + 1, endLine: line, endColumn: offset + 1 + length },
    message,
    details,
  )
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

const download =
  /\b(?:curl|wget)\b[^|;&\n]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+)?(?:ba|z|da|k)?sh\b|\b(?:ba|z|da)?sh\s+<\(\s*(?:curl|wget)\b|\b(?:ba|z|da)?sh\s+-c\s+["']?\$\(\s*(?:curl|wget)\b/g
const typographic = /[\u2018\u2019\u201C\u201D\u2013\u2014\u2212\u00A0\u200B]/g
/** Characters that change the order or the look of code: bidirectional controls, and what could not be decoded. */
const unsafe = /[\u202A-\u202E\u2066-\u2069\u200E\u200F\uFFFD\u0000-\u0008\u000E-\u001A\u001C-\u001F]/g

function lintFence(fence: Fence, lines: readonly string[]): Diagnostic[] {
  const script = language(fence.lang) !== undefined
  const diagnostics: Diagnostic[] = []
  for (const [index, line] of fence.code.split('\n').entries()) {
    const number = lineOf(fence, index)
    const offset = Math.max(0, (lines[number - 1] ?? '').indexOf(line.trim()))
    const shift = offset - (line.length - line.trimStart().length)
    const place: Place = { file: fence.place.file, line: number, column: 1 }
    const report = (code: Code, match: RegExpExecArray, message: string, hint: string): number =>
      diagnostics.push(
        finding(code, place, Math.max(0, shift + match.index), match[0].length, message, { hint }),
      )
    for (const match of line.matchAll(unsafe))
      report('unsafe-character', match, `Unexpected character ${codePoint(match[0])} in code`, unsafeHint)
    if (!script) continue
    for (const match of line.matchAll(download))
      report(
        'pipe-to-shell',
        match,
        `Unexpected \`${short(match[0])}\`, expected a download that is checked`,
        pipeHint,
      )
    const odd = typographic.exec(line)
    typographic.lastIndex = 0
    if (odd && !line.trimStart().startsWith('#'))
      report(
        'typographic-code',
        odd,
        `Unexpected \`${odd[0]}\` (${codePoint(odd[0])}) in code`,
        typographicHint,
      )
  }
  return diagnostics
}

const unsafeHint = 'Remove it and type the code again: what is shown would not be what runs.'
const pipeHint = 'Download to a file, compare its checksum, then run it.'
const typographicHint = 'Write a plain quote, hyphen or space; a shell does not read this one as such.'

function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
