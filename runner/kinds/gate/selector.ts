/** Which series are meant, as PromQL writes it: `http_requests_total{color="green",code=~"5.."}`. */
export interface Selector {
  /** As written. */
  text: string
  name: string
  /** The part in braces as written, with its braces; empty when there is none. */
  braces: string
  matchers: Matcher[]
}

interface Matcher {
  label: string
  matches: (value: string) => boolean
}

const shape = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{[^]*\})?$/
const matcher = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)\s*(,|$)/

/** Reads a selector; returns what is wrong with it as text. */
export function parseSelector(text: string): Selector | string {
  const parts = shape.exec(text.trim())
  if (!parts)
    return `Unexpected selector \`${text}\`, expected a metric's name and labels such as \`requests_total{code="500"}\``
  const braces = parts[2] ?? ''
  const matchers: Matcher[] = []
  for (let rest = braces.slice(1, -1); rest.trim() !== '';) {
    const one = matcher.exec(rest)
    if (!one) return `Unexpected \`${rest.trim()}\` in the selector \`${text}\`, expected \`label="value"\``
    const test = testFor(one[2] ?? '=', unquote(one[3] ?? ''))
    if (typeof test === 'string') return test
    matchers.push({ label: one[1] ?? '', matches: test })
    rest = rest.slice(one[0].length)
  }
  return { text: text.trim(), name: parts[1] ?? '', braces, matchers }
}

function testFor(operator: string, value: string): ((text: string) => boolean) | string {
  if (operator === '=') return (text) => text === value
  if (operator === '!=') return (text) => text !== value
  try {
    // PromQL anchors every pattern at both ends.
    const pattern = new RegExp(`^(?:${value})$`, 's')
    return operator === '=~' ? (text) => pattern.test(text) : (text) => !pattern.test(text)
  } catch {
    return `Unexpected pattern \`${value}\`, expected a regular expression`
  }
}

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1)
  if (quoted.startsWith('`')) return inner
  return inner.replaceAll(/\\(.)/gs, (_, character: string) =>
    character === 'n' ? '\n' : character === 't' ? '\t' : character,
  )
}

/** The same labels on another metric, such as the buckets of a histogram. */
export function renamed(selector: Selector, name: string): Selector {
  return { ...selector, name, text: `${name}${selector.braces}` }
}

/** Whether a series is selected; a label that is not there counts as empty, as in PromQL. */
export function selects(
  selector: Selector,
  series: { name: string; labels: Readonly<Record<string, string>> },
): boolean {
  if (series.name !== selector.name) return false
  return selector.matchers.every(({ label, matches }) => matches(series.labels[label] ?? ''))
}

const ranged =
  /([a-zA-Z_:][\w:]*)?\s*(\{(?:[^"'`{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})?\s*\[\s*(?:\d+(?:ms|[smhdwy])\s*)+\]/g

/** The selectors a query reads over a range: functions such as `rate` answer for their whole range after a target died. */
export function rangeSelectors(query: string): string[] {
  const found = [...query.matchAll(ranged)].map(([, name = '', braces = '']) => `${name}${braces}`)
  return [...new Set(found)].filter((text) => text !== '')
}
