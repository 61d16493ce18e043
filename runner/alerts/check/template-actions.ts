/** A `{{ … }}` of Prometheus' own templates within a text. */
export interface TemplateAction {
  /** Where it begins and ends in the text. */
  start: number
  end: number
  /** The text between the braces, trimmed. */
  body: string
  /** Labels of the alert it reads. */
  labels: string[]
}

const action = /\{\{-?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`}]|\}(?!\}))*?)\s*-?\}\}/gs
const ofAlert = /(?<!\w)\$labels\.([A-Za-z_]\w*)|index\s+\$labels\s+["`]([^"`]+)["`]/g
/** The same by way of the dot, which is the alert only outside `range` and `with`. */
const ofDot = /(?<![\w)\]])\.Labels\.([A-Za-z_]\w*)|index\s+\.Labels\s+["`]([^"`]+)["`]/g

export function templateActions(text: string): TemplateAction[] {
  const outer: boolean[] = []
  /** Whether the dot stands for something else than the alert. */
  let rebound = false
  return [...text.matchAll(action)].map((match) => {
    const body = match[1] ?? ''
    const [word = ''] = /^\w+/.exec(body) ?? []
    if (word === 'else') rebound = outer.at(-1) ?? false
    const patterns = rebound ? [ofAlert] : [ofAlert, ofDot]
    const matches = patterns.flatMap((pattern) => [...body.matchAll(pattern)])
    const labels = matches.map(([, first, second]) => first ?? second ?? '')
    if (/^(?:if|range|with|define|block)$/.test(word)) outer.push(rebound)
    if (/^(?:range|with|define|block)$/.test(word) || /^else\s+with\b/.test(body)) rebound = true
    if (word === 'end') rebound = outer.pop() ?? false
    return { start: match.index, end: match.index + match[0].length, body, labels }
  })
}

/** Whether an action only decides what others do. */
export function isControl(body: string): boolean {
  return /^(if|else|end|with|range|define|template|block|break|continue|\$\w+\s*:?=|\/\*)/.test(body)
}

/** Whether what the action writes is encoded for an address. */
export function isEncoded(body: string): boolean {
  return /\b(urlquery|queryEscape|pathEscape|urlPathEscape|urlQueryEscape|urlencode)\b/i.test(body)
}
