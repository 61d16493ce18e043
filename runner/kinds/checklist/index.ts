import * as z from 'zod'
import { defineKind, result } from '../kind.ts'
import type { Json } from '../../model/values/json.ts'

const params = z.object({
  onFailure: z
    .enum(['stop', 'rollback'])
    .default('stop')
    .describe('Action when a task is not done; the run never continues. Default: stop.'),
})

export const checklist = defineKind({
  name: 'checklist',
  summary: 'Tasks that people complete and tick, each with name and time.',
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
      'A person ticks each task; the run records the time, and an optional note and link to evidence. A task that is not applicable needs a reason. `--answers` may tick tasks under the name of its `actor`.',
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
