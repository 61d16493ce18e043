import type { Impact } from '../../runner/status/incident-file.ts'

/** How an impact is told apart: by its words, and by a class of the style sheets. */
export const impactLooks: Readonly<Record<Impact, { words: string; look: string }>> = {
  critical: { words: 'critical', look: 'critical' },
  major: { words: 'major', look: 'bad' },
  minor: { words: 'minor', look: 'warn' },
  maintenance: { words: 'maintenance', look: 'open' },
  none: { words: 'no impact', look: '' },
}

/** The impact of the usual severities of alerts, where the workspace declares none of the name. */
const usual = new Map<string, Impact>([
  ['critical', 'critical'],
  ['page', 'major'],
  ['error', 'major'],
  ['warning', 'minor'],
  ['info', 'none'],
])

/** The badge of a severity. `declared` has the impacts of the severities of the workspace. */
export function severityBadge(
  severity: string,
  declared: ReadonlyMap<string, Impact>,
): { words: string; look: string } {
  const impact = declared.get(severity) ?? usual.get(severity.toLowerCase())
  if (impact === undefined) return { words: '', look: '' }
  const { words, look } = impactLooks[impact]
  // A severity that is a word already says itself how bad it is.
  return { words: declared.has(severity) ? words : '', look }
}
