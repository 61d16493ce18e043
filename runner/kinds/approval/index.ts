import * as z from 'zod'
import { positiveDuration, words, wordsOf } from '../../model/steps/common-params.ts'
import { diagnostic } from '../../model/diagnostic.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { formatDuration } from '../../model/values/duration.ts'
import type { Json } from '../../model/values/json.ts'
import type { Step } from '../../model/runbook.ts'
import { presenceLevels } from '../../model/people/presence-level.ts'
import { hasTemplate } from '../../model/values/template.ts'
import { defineKind, result } from '../kind.ts'

const params = z.object({
  approvers: words()
    .refine((names) => names.length > 0, 'Unexpected list of nobody, expected at least one role or person')
    .describe('Roles or people who may decide, separated by commas.'),
  min: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('Number of different people who must approve, 1 to 20. Default: 1.'),
  separate: z
    .boolean()
    .default(true)
    .describe('Whether to refuse a person who approved a step of this run for other roles. Default: true.'),
  presence: z
    .enum(presenceLevels)
    .default('none')
    .describe(
      'How a person must be there when they decide: `touch` of a security key, or `verified` by its PIN or biometric; with `@hub` a page of another machine counts too. Default: none.',
    ),
  expires: positiveDuration()
    .optional()
    .describe('How long each request waits before it expires, such as 4h. Default: for ever.'),
  onFailure: z
    .enum(['stop', 'rollback'])
    .default('stop')
    .describe('Action after a rejection; the run never continues. Default: stop.'),
})

export const approval = defineKind({
  name: 'approval',
  summary: 'Holds the run until the named people have approved; one rejection stops it.',
  reference: {
    example: '<Approval id="go" title="Go or no-go" approvers="release-manager" min={2} expires="4h" />',
    notes: [
      'A person cannot approve their own run or count twice. They cannot sign one run in two roles, unless a step has `separate={false}`. [people.yaml](../people.md) lists the roles and the names of each person. The step asks all required people at once. A decision is bound to the run, its plan, its inputs and the text that was shown. It is made with `runbook approve` or `runbook reject`, never by a flag or a file of answers. `approve` shows the step and asks, or takes `--yes` without a terminal. A request that expires stops the run; resuming it asks again. A runbook for a lab may have `selfApproval: true` in its frontmatter. The operator may then approve too, at the terminal, and `runbook require` does not count that approval. With [`presence`](../journal.mdx#presence), a decision counts only if it is signed by a security key that was touched.',
    ],
  },
  params,
  body: { fences: [] },
  guard: true,
  inspect: numberProblem,
  effect: () => 'none',
  async run({ approvers, min, separate, expires }, context) {
    const { id, title, prose } = context.step
    const given: string[] = []
    const decisions: Json[] = []
    for (let late = 0; given.length < min;) {
      const first = decisions.length + 1
      const deadline =
        expires === undefined ? undefined : (await context.recordedNow(`${first}/asked`)) + expires
      const topics = Array.from({ length: min - given.length }, (_, index) => `${id}/${first + index}`)
      let expired: string | undefined
      for (const [index, topic] of topics.entries()) {
        const answer = await context.ask(topic, {
          type: 'approval',
          title,
          prose,
          approvers,
          given: [...given],
          min,
          separate,
          deadline,
          topics: topics.slice(index),
        })
        decisions.push(answer)
        if (answer.decision === 'rejected')
          return result('rejected', `rejected by ${answer.by.id}: ${answer.reason}`, { data: { decisions } })
        if (answer.decision === 'approved') given.push(answer.by.id)
        else expired = answer.reason
      }
      if (expired === undefined) continue
      late += 1
      // Requests that expired stop this attempt; a resume asks anew.
      if (late >= context.attempt) return result('expired', `expired: ${expired}`, { data: { decisions } })
    }
    return result('passed', `approved by ${given.join(' and ')}`, { data: { decisions } })
  },
  view({ approvers: named, min, expires }, { attributes }, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    const declared = attributes['approvers']
    const approvers = typeof declared === 'string' && hasTemplate(declared) ? [declared] : named
    const limit = expires === undefined ? '' : `, each within ${formatDuration(expires)}`
    return [{ type: 'field', name: 'needs', value: `${min} of ${approvers.join(', ')}${limit}` }]
  },
})

/** People are named by their addresses; the document does not know how many have a role. */
function numberProblem({ attributes: { approvers, min } }: Step): Diagnostic[] {
  const named = typeof approvers?.value === 'string' ? wordsOf(approvers.value) : []
  const people = new Set(named.map((name) => name.toLowerCase()))
  if (typeof min?.value !== 'number' || named.length === 0) return []
  if (min.value <= people.size || !named.every((name) => name.includes('@'))) return []
  const message = `Unexpected min \`${min.value}\`, expected at most ${people.size}, the number of people who may approve`
  return [
    diagnostic('invalid-attribute', min.place, message, { hint: 'Name more people, or ask for fewer.' }),
  ]
}
