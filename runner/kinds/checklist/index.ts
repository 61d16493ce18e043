import * as z from 'zod'
import { defineKind, result } from '../kind.ts'
import type { Json } from '../../model/values/json.ts'

const params = z.object({
  onFailure: z
    .enum(['stop', 'rollback'])
    .default('stop')
    .describe('What a checklist that is not done does to the run: it never goes on. Default: stop.'),
})

export const checklist = defineKind({
  name: 'checklist',
  summary: 'Tasks that people do and tick, each with who and when.',
  reference: {
    example: [
      '<Checklist id="before" title="Before the release">',
      '',
      '- [ ] The backup of tonight was restored once',
      '- [ ] Support knows',
      '',
      '</Checklist>',
    ].join('\n'),
    notes: [
      'Each task is ticked by somebody, with the time and, if they like, a note and a link to what shows it. What is not applicable needs a reason. `--answers` may tick tasks under the name of its `actor`.',
    ],
  },
  params,
  body: { fences: [], tasks: 'required' },
  guard: true,
  effect: () => 'none',
  async run(_, context) {
    const { tasks, id } = context.step
    const ticked: Json[] = []
    for (const [index, task] of tasks.entries()) {
      const answer = await context.ask(`${id}/${index + 1}`, {
        type: 'task',
        text: task.text,
        index: index + 1,
        of: tasks.length,
      })
      ticked.push({ text: task.text, ...answer })
    }
    const not = ticked.filter((one) => (one as { answer?: string }).answer === 'not-applicable').length
    const rest = not > 0 ? `, ${not} of them not applicable` : ''
    const message = `${tasks.length} of ${tasks.length} tasks answered${rest}`
    return result('passed', message, { data: { tasks: ticked } })
  },
  view(_, step, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    return [{ type: 'list', items: step.tasks.map((task) => task.text) }]
  },
})
