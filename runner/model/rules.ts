/**
 * Every finding `check` can make. Codes are permanent: they are searched for, silenced by name, and each has a
 * page at content/docs/errors/<code>.mdx. Only warnings can be silenced.
 */
export const rules = {
  'file-unreadable': { severity: 'error', summary: 'The file cannot be read.' },
  'invalid-syntax': { severity: 'error', summary: 'The document is not valid MDX.' },
  'invalid-frontmatter': {
    severity: 'error',
    summary: 'The frontmatter is not valid YAML, or a value in it is wrong.',
  },
  'unknown-field': { severity: 'error', summary: 'The frontmatter has a field that does not exist.' },
  'code-in-document': {
    severity: 'error',
    summary: 'The document contains JavaScript, which a runbook may not run.',
  },
  'unknown-element': { severity: 'error', summary: 'An element is not a step kind.' },
  'unknown-attribute': { severity: 'error', summary: 'A step has an attribute its kind does not know.' },
  'invalid-attribute': { severity: 'error', summary: 'An attribute is missing or its value is wrong.' },
  'invalid-id': { severity: 'error', summary: 'A step id is not usable as an anchor.' },
  'duplicate-id': { severity: 'error', summary: 'Two steps have the same id.' },
  'nested-step': { severity: 'error', summary: 'A step stands inside another step.' },
  'invalid-body': { severity: 'error', summary: 'What stands inside a step does not fit its kind.' },
  'template-in-shell': {
    severity: 'error',
    summary: 'A template stands in a shell fence, where values are environment variables.',
  },
  'unknown-reference': {
    severity: 'error',
    summary: 'A template names an input or output that does not exist.',
  },
  'duplicate-name': { severity: 'error', summary: 'An input or output name is used twice.' },
  'no-steps': { severity: 'error', summary: 'The document has no step.' },
} as const satisfies Record<string, { severity: 'error' | 'warning'; summary: string }>

export type Code = keyof typeof rules
