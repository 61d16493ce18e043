import { z } from 'zod'
import { defineKind, result } from '../kind.ts'
import type { Json } from '../../model/json.ts'

export const checklist = defineKind({
  name: 'checklist',
  summary: 'Tasks that people do and tick, each with who and when.',
  params: z.object({}),
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
    return result('passed', `${tasks.length} of ${tasks.length} tasks answered`, { data: { tasks: ticked } })
  },
  view(_, step, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    return [{ type: 'list', items: step.tasks.map((task) => task.text) }]
  },
})
