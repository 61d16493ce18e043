/**
 * Every finding `alerts check` can make. Codes are permanent: each has a page at content/docs/errors/<code>.mdx, in
 * lower case.
 */
export const alertRules = {
  AL00: { name: 'unreadable', severity: 'error', summary: 'A rule file cannot be read.' },
  AL01: { name: 'no-link', severity: 'error', summary: 'A paging alert has no runbook link.' },
  AL02: {
    name: 'no-page',
    severity: 'error',
    summary: 'A runbook link leads to a page that does not exist.',
  },
  AL03: { name: 'no-anchor', severity: 'error', summary: 'The page exists, but its anchor does not.' },
  AL04: {
    name: 'unknown-parameter',
    severity: 'error',
    summary: 'The link passes a parameter that the runbook does not declare.',
  },
  AL05: {
    name: 'missing-input',
    severity: 'warning',
    summary: 'A required input is missing from the link and has no default.',
  },
  AL06: {
    name: 'impossible-value',
    severity: 'error',
    summary: 'A value in the link does not fit its input.',
  },
  AL07: {
    name: 'missing-label',
    severity: 'error',
    summary: 'An annotation uses a label that the alert cannot have.',
  },
  AL08: {
    name: 'no-urlquery',
    severity: 'warning',
    summary: 'A label is put into a link without `urlquery`.',
  },
  AL09: {
    name: 'query-after-fragment',
    severity: 'error',
    summary: 'The query of a link comes after its fragment.',
  },
  AL10: {
    name: 'unsafe-link',
    severity: 'error',
    summary: 'A link is not encrypted or carries a credential.',
  },
  AL11: { name: 'promtool', severity: 'error', summary: '`promtool check rules` reports an error.' },
  AL12: {
    name: 'common-annotations',
    severity: 'error',
    summary: 'A notification template reads a link that is empty when several alerts are grouped.',
  },
  AL13: {
    name: 'unreferenced',
    severity: 'info',
    summary: 'No alert links to this runbook, or it lists an alert that does not exist.',
  },
  AL14: {
    name: 'no-for',
    severity: 'info',
    summary: 'A paging alert fires on the first sample.',
  },
} as const satisfies Record<string, { name: string; severity: FindingSeverity; summary: string }>

export type AlertCode = keyof typeof alertRules

export type FindingSeverity = 'error' | 'warning' | 'info'

/** From the gravest to the mildest. */
export const severities: readonly FindingSeverity[] = ['error', 'warning', 'info']
