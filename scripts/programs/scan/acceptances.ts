import * as z from 'zod'
import { severities } from './report.ts'
import type { ScanFinding, Severity } from './report.ts'

const text = z.string().min(1)

/** The fields of risk-acceptances.yaml. */
export const acceptancesSchema = z.strictObject({
  acceptances: z.array(
    z.strictObject({
      id: text.describe('The finding, such as CVE-2026-1234.'),
      where: text.optional().describe('Its package or file. Default: everywhere.'),
      reason: text,
      by: text.describe('The person who accepts it.'),
      expires: z.iso.date().describe('The last day on which it counts.'),
    }),
  ),
})

export type Acceptance = z.output<typeof acceptancesSchema>['acceptances'][number]

export interface JudgedFinding extends ScanFinding {
  state: 'blocks' | 'accepted' | 'expired' | 'below'
  acceptance?: Acceptance
}

/**
 * Judges findings: one that is severe enough blocks, unless its risk was accepted and that has not expired.
 * @param today as YYYY-MM-DD; on its last day an acceptance still counts
 */
export function judgeFindings(
  findings: readonly ScanFinding[],
  acceptances: readonly Acceptance[],
  failOn: Severity,
  today: string,
): JudgedFinding[] {
  return findings.map((finding) => {
    if (severities.indexOf(finding.severity) < severities.indexOf(failOn))
      return { ...finding, state: 'below' }
    const matching = acceptances.filter(
      ({ id, where }) => id === finding.id && (where === undefined || where === finding.where),
    )
    const current = matching.find(({ expires }) => today <= expires)
    if (current !== undefined) return { ...finding, state: 'accepted', acceptance: current }
    const [expired] = matching
    return expired === undefined
      ? { ...finding, state: 'blocks' }
      : { ...finding, state: 'expired', acceptance: expired }
  })
}
