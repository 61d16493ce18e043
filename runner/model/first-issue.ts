import type * as z from 'zod'

/** The first thing of a value that its schema refuses, after the path of its field: `` `a.b`: Invalid input``. */
export function firstIssue({ issues: [issue] }: z.core.$ZodError): string {
  if (issue === undefined) return 'invalid value'
  const words = issueWords(issue)
  return issue.path.length === 0 ? words : `\`${issue.path.join('.')}\`: ${words}`
}

/** The sentence of the schema about a value, or ours about one that is not in a list. */
export function issueWords(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_value' || !issue.message.startsWith('Invalid option')) return issue.message
  return `Unexpected value, expected one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`
}
