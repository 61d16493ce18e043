/**
 * Every finding `alerts check` can make. Codes are permanent: each has a page at content/docs/errors/<code>.mdx, in
 * lower case.
 */
export const alertRules = {
  AL00: { name: 'unreadable', severity: 'error', summary: 'A rule file cannot be read.' },
  AL01: { name: 'no-link', severity: 'error', summary: 'An alert that wakes somebody has no runbook link.' },
  AL02: {
    name: 'no-page',
    severity: 'error',
    summary: 'A runbook link leads to a page that does not exist.',
  },
  AL03: { name: 'no-anchor', severity: 'error', summary: 'The page exists, its anchor does not.' },
  AL04: { name: 'unknown-parameter', severity: 'error', summary: 'A parameter is no input of the runbook.' },
  AL05: {
    name: 'missing-input',
    severity: 'warning',
    summary: 'A required input is neither in the link nor has it a default.',
  },
  AL06: {
    name: 'impossible-value',
    severity: 'error',
    summary: 'A value in the link does not fit its input.',
  },
  AL07: { name: 'missing-label', severity: 'error', summary: 'A label is used that the alert cannot have.' },
  AL08: {
    name: 'no-urlquery',
    severity: 'warning',
    summary: 'A label is put into a link without `urlquery`.',
  },
  AL09: {
    name: 'query-after-fragment',
    severity: 'error',
    summary: 'The query of a link stands behind its fragment.',
  },
  AL10: {
    name: 'unsafe-link',
    severity: 'error',
    summary: 'A link is not encrypted or carries a credential.',
  },
  AL11: { name: 'promtool', severity: 'error', summary: '`promtool check rules` objects.' },
  AL12: {
    name: 'common-annotations',
    severity: 'error',
    summary: 'A notification template reads a link that is blank as soon as two alerts are grouped.',
  },
  AL13: {
    name: 'unreferenced',
    severity: 'info',
    summary: 'A runbook is named by no alert, or names one there is not.',
  },
  AL14: {
    name: 'no-for',
    severity: 'info',
    summary: 'An alert that wakes somebody fires at the first sample.',
  },
} as const satisfies Record<string, { name: string; severity: Severity; summary: string }>

export type AlertCode = keyof typeof alertRules

export type Severity = 'error' | 'warning' | 'info'

/** From the gravest to the mildest. */
export const severities: readonly Severity[] = ['error', 'warning', 'info']
