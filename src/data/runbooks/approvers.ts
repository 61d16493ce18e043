import type { PlannedStep } from '../../../runner/model/plan.ts'
import { readPeople } from '../../../runner/people.ts'
import { siteConfig } from './runbook-pages.ts'

/** Who may decide at each approval of a runbook, by the list of people of the workspace. */
export async function approversOf(
  steps: readonly PlannedStep[],
): Promise<{ step: string; people: string[] }[]> {
  const approvals = steps.filter(({ kind }) => kind === 'approval')
  if (approvals.length === 0) return []
  const { people } = await siteConfig()
  const holders = readPeople(people)?.people.holders ?? {}
  return approvals.map(({ id, attributes }) => {
    const words = String(attributes['approvers'] ?? '').split(/[\s,]+/)
    const able = words.flatMap((word) => holders[word] ?? (word.includes('@') ? [word] : []))
    return { step: id, people: [...new Set(able)] }
  })
}
