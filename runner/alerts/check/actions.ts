/** A `{{ … }}` of Prometheus' own templates within a text. */
export interface TemplateAction {
  /** Where it begins and ends in the text. */
  start: number
  end: number
  /** What stands between the braces, trimmed. */
  body: string
  /** Labels of the alert it reads. */
  labels: string[]
}

const action = /\{\{-?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`}]|\}(?!\}))*?)\s*-?\}\}/gs
const reading =
  /\$labels\.([A-Za-z_]\w*)|\.Labels\.([A-Za-z_]\w*)|index\s+(?:\$labels|\.Labels)\s+["`]([^"`]+)["`]/g

export function templateActions(text: string): TemplateAction[] {
  return [...text.matchAll(action)].map((match) => {
    const body = match[1] ?? ''
    const labels = [...body.matchAll(reading)].map((found) => found[1] ?? found[2] ?? found[3] ?? '')
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
