/** The elements that hold the words of a step, from the Markdown plugin to the page. No document can contain them. */
export const elementOf = { step: 'runbook-step', lead: 'runbook-lead', rest: 'runbook-rest' } as const

/** The words of a step as HTML: its heading, what its card shows of its text, and what it folds. */
export interface StepWords {
  id: string
  heading: string
  lead: string
  rest: string
}

const { step, lead, rest } = elementOf
const pattern = new RegExp(
  `<${step} data-step="([^"]*)">(.*?)<${lead}>(.*?)</${lead}>\\s*<${rest}>(.*?)</${rest}>\\s*</${step}>`,
  'gs',
)

/** Cuts the HTML of a runbook at its steps, in order. */
export function cutAtSteps(html: string): (string | StepWords)[] {
  const parts: (string | StepWords)[] = []
  let at = 0
  for (const match of html.matchAll(pattern)) {
    const [whole, id = '', heading = '', shown = '', folded = ''] = match
    parts.push(html.slice(at, match.index), { id, heading, lead: shown.trim(), rest: folded.trim() })
    at = match.index + whole.length
  }
  return [...parts, html.slice(at)]
}
