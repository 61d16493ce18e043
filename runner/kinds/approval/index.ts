import { z } from 'zod'
import { defineKind, result } from '../kind.ts'
import { words } from '../../model/common-params.ts'
import type { Json } from '../../model/json.ts'

const params = z.object({
  approvers: words.describe('Roles or people who may decide, separated by commas.'),
  min: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('How many different people must approve, 1 to 20. Default: 1.'),
})

export const approval = defineKind({
  name: 'approval',
  summary: 'Holds the run until named people have said yes; one no stops it.',
  params,
  body: { fences: [] },
  guard: true,
  effect: () => 'none',
  async run({ approvers, min }, context) {
    const { id, title, prose } = context.step
    const given: string[] = []
    const decisions: Json[] = []
    while (given.length < min) {
      const answer = await context.ask(`${id}/${given.length + 1}`, {
        type: 'approval',
        title,
        prose,
        approvers,
        given,
        min,
      })
      decisions.push(answer)
      if (answer.decision === 'rejected') {
        return result('rejected', `rejected by ${answer.by.id}: ${answer.reason}`, { data: { decisions } })
      }
      given.push(answer.by.id)
    }
    return result('passed', `approved by ${given.join(' and ')}`, { data: { decisions } })
  },
  view({ approvers, min }, _, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    return [{ type: 'field', name: 'needs', value: `${min} of ${approvers.join(', ')}` }]
  },
})
