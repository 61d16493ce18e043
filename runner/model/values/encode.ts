import type { Reference } from './template.ts'
import { substitute } from './template.ts'

/** The context of a value, which decides the encoding that keeps it one value. */
type Landing =
  | 'base-address'
  | 'url'
  | 'header'
  | 'json-string'
  | 'json-value'
  | 'cel-string'
  | 'form'
  | 'text'
  | 'promql-string'
  | 'promql-regex'
  | 'promql-bare'

type Lookup = (reference: Reference) => string | undefined

const encoders: Record<Landing, (value: string) => string> = {
  'base-address': (value) => value.trim().replaceAll(/\s/g, '%20').replace(/\/$/, ''),
  // A lone `..` would be taken as a step up even when it is encoded once.
  url: (value) => (/^\.{1,2}$/.test(value) ? value.replaceAll('.', '%252E') : percent(value)),
  header: (value) => value.replaceAll(/[\r\n\0]/g, ' ').trim(),
  'json-string': (value) => JSON.stringify(value).slice(1, -1),
  'json-value': (value) => (isJsonLiteral(value) ? value : JSON.stringify(value)),
  'cel-string': (value) => JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'"),
  form: percent,
  text: (value) => value,
  'promql-string': promqlText,
  'promql-regex': (value) => promqlText(value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (char) => `\\${char}`)),
  'promql-bare': (value) => (/^[\w.:]+$/.test(value) ? value : '""'),
}

/**
 * A value as it must be written where it lands.
 * @internal
 */
export function encode(landing: Landing, value: string): string {
  return encoders[landing](value)
}

function percent(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function isJsonLiteral(value: string): boolean {
  return /^(-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null)$/.test(value)
}

function promqlText(value: string): string {
  return value.replaceAll(/[\\"'\n\r\t`]/g, (char) => promqlEscapes[char] ?? char)
}

const promqlEscapes: Record<string, string> = {
  '\\': '\\\\',
  '"': '\\"',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '`': '\\x60',
}

/** Fills the templates of an `http` fence, each encoded for where it stands. Unknown ones stay as written. */
export function fillHttp(code: string, lookup: Lookup): string {
  const lines = code.split('\n')
  const empty = lines.findIndex((line, index) => index > 0 && line.trim() === '')
  const bodyAt = empty === -1 ? lines.length : empty + 1
  const head = lines
    .slice(0, bodyAt)
    .map((line, index) => (index === 0 ? fillRequestLine(line, lookup) : fill(line, lookup, () => 'header')))
  const type = head.find((line) => /^content-type\s*:/i.test(line)) ?? ''
  const body = lines.slice(bodyAt).join('\n')
  return [...head, ...(bodyAt < lines.length ? [fill(body, lookup, bodyLanding(type, body))] : [])].join('\n')
}

/** A template that begins the address is a base address and stays whole; any other is one part of it. */
function fillRequestLine(line: string, lookup: Lookup): string {
  const start = line.search(/(?<=^\S+\s+)\$\{\{/)
  return fill(line, lookup, (offset) => (offset === start ? 'base-address' : 'url'))
}

function bodyLanding(type: string, body: string): (offset: number) => Landing {
  if (/form-urlencoded/i.test(type)) return () => 'form'
  if (type !== '' ? !/json/i.test(type) : !/^\s*[[{]/.test(body)) return () => 'text'
  return (offset) => (quoteAt(body, offset, ['"']) === undefined ? 'json-value' : 'json-string')
}

/**
 * Fills the templates of a PromQL query: values of labels, escaped for equality or as part of a regular expression.
 * @internal
 */
export function fillPromql(query: string, lookup: Lookup): string {
  return fill(query, lookup, (offset) => promqlLanding(query, offset))
}

/**
 * Fills the templates of a CEL expression: inside quotes a value is a part of that text, elsewhere it is one literal. It
 * never becomes a part of the expression.
 */
export function fillCel(expression: string, lookup: Lookup): string {
  return fill(expression, lookup, (offset) =>
    quoteAt(expression, offset, ['"', "'"]) === undefined ? 'json-value' : 'cel-string',
  )
}

function promqlLanding(query: string, offset: number): Landing {
  const quote = quoteAt(query, offset, ['"', "'", '`'])
  if (quote === undefined) return 'promql-bare'
  return /[=!]~\s*$/.test(query.slice(0, quote)) ? 'promql-regex' : 'promql-string'
}

/**
 * Fills the templates of a `yaml` fence whose text is PromQL: escaped for the query first, then for the quotes YAML
 * has around it. A template that is a whole unquoted value becomes a quoted one.
 */
export function fillYaml(code: string, lookup: Lookup): string {
  return substitute(code, lookup, (value, offset) => {
    const start = code.lastIndexOf('\n', offset - 1) + 1
    const line = code.slice(start)
    const quote = quoteAt(line, offset - start, ['"', "'"], true)
    if (quote === undefined) return isJsonLiteral(value) ? value : JSON.stringify(value)
    const inner = encode(innerLanding(line.slice(quote + 1), offset - start - quote - 1), value)
    return line[quote] === "'" ? inner.replaceAll("'", "''") : JSON.stringify(inner).slice(1, -1)
  })
}

/** Inside a quoted YAML value that holds no further quotes, text is text. */
function innerLanding(text: string, offset: number): Landing {
  const landing = promqlLanding(text.replaceAll('\\"', ' "').replaceAll("''", " '"), offset)
  return landing === 'promql-bare' ? 'text' : landing
}

function fill(text: string, lookup: Lookup, landing: (offset: number) => Landing): string {
  return substitute(text, lookup, (value, offset) => encode(landing(offset), value))
}

/** The offset of the quote that is open at `offset`; templates before it may hold anything. */
function quoteAt(text: string, offset: number, quotes: readonly string[], yaml = false): number | undefined {
  let open: number | undefined
  for (let at = 0; at < offset; at++) {
    const char = text[at] ?? ''
    if (open === undefined) {
      const starts = quotes.includes(char) && (!yaml || /[\s[{,:-]|^$/.test(text[at - 1] ?? ''))
      if (starts) open = at
    } else if (char === '\\' && text[open] !== '`' && !(yaml && text[open] === "'")) {
      at++
    } else if (char === text[open]) {
      if (yaml && char === "'" && text[at + 1] === "'") at++
      else open = undefined
    }
  }
  return open
}

/** Offsets of templates inside an unquoted value of a YAML fence, where no encoding would be safe. */
export function looseYamlTemplates(code: string): number[] {
  const lines = code.split('\n')
  let start = 0
  return lines.flatMap((line) => {
    const at = start
    start += line.length + 1
    return [...line.matchAll(/\$\{\{.*?\}\}/g)].flatMap((match) => {
      if (quoteAt(line, match.index, ['"', "'"], true) !== undefined) return []
      const alone =
        /(^|[\s,[{-]|:\s)\s*$/.test(line.slice(0, match.index)) &&
        /^\s*([,\]}#]|$)/.test(line.slice(match.index + match[0].length))
      return alone ? [] : [at + match.index]
    })
  })
}
