import * as z from 'zod'
import { diagnostic } from '../../model/diagnostic.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { inputSchema } from '../../model/values/input-schema.ts'
import type { InputSpec } from '../../model/values/input-types.ts'
import { declaredOutputs } from '../../model/runbook.ts'
import type { Step } from '../../model/runbook.ts'
import { parseInputs } from '../../model/values/yaml-text.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { readYamlFence } from '../fence-yaml.ts'
import { defineKind, fence, result } from '../kind.ts'
import { firstIssue } from '../../model/first-issue.ts'

const params = z.object({
  outputs: z
    .string()
    .describe('Names of the requested values, separated by commas: the fields of the fence.'),
})

const fieldsSchema = z.record(z.string(), inputSchema)

/** Reads the fields of the fence. */
export function parseFields(text: string): Outcome<Record<string, InputSpec>> {
  const yaml = readYamlFence(text, parseInputs)
  if (!yaml.ok) return yaml
  const read = fieldsSchema.safeParse(yaml.value)
  if (!read.success) {
    const issue = read.error.issues[0]
    if (!issue || issue.path.length === 0)
      return failure('Unexpected fence, expected fields with their types')
    return failure(firstIssue(read.error))
  }
  const secret = Object.entries(read.data).find(([, { type }]) => type === 'secret')
  if (secret)
    return failure(
      `Unexpected secret \`${secret[0]}\`, expected an input: what is asked in mid-run is recorded`,
    )
  return success(read.data)
}

export const ask = defineKind({
  name: 'ask',
  summary: 'Asks the operator for typed values during the run, and stores them as outputs.',
  reference: {
    example: [
      '<Ask id="assess" title="How bad is it?" outputs="severity, summary">',
      '',
      '```yaml',
      'severity: { type: choice, options: [P0, P1, P2] }',
      'summary: { description: One sentence for the status page. }',
      '```',
      '',
      '</Ask>',
    ].join('\n'),
    fields: { title: 'A field', schema: inputSchema },
    notes: [
      'Answers are recorded, so do not ask for a secret: declare it as an input. `--answers` may fill in the fields.',
    ],
  },
  params,
  body: { fences: [{ role: 'main', languages: ['yaml'], required: true }] },
  inspect: fieldProblems,
  effect: () => 'none',
  async run(_, context) {
    const fields = parseFields(fence(context.step, 'main')?.code ?? '')
    if (!fields.ok) return result('failed', `cannot be read: ${fields.problem.message}`)
    const entries = Object.entries(fields.value)
    const outputs: Record<string, string> = {}
    for (const [index, [name, spec]] of entries.entries()) {
      const question = { type: 'field', name, spec, index: index + 1, of: entries.length } as const
      outputs[name] = (await context.ask(`${context.step.id}/${name}`, question)).value
    }
    const said = Object.entries(outputs).map(([name, value]) => `${name} = ${value}`)
    return result('passed', said.join(', '), { outputs })
  },
  view(_, step, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    const fields = parseFields(fence(step, 'main')?.code ?? '')
    if (!fields.ok) return [{ type: 'text', text: fields.problem.message }]
    const items = Object.entries(fields.value).map(
      ([name, { type, description }]) => `${name} (${type})${description ? `: ${description}` : ''}`,
    )
    return [{ type: 'list', items }]
  },
})

function fieldProblems(step: Step): Diagnostic[] {
  const body = fence(step, 'main')
  if (!body) return []
  const fields = parseFields(body.code)
  const hint =
    'Write one field a line, as inputs are declared: `severity: { type: choice, options: [P1, P2] }`.'
  if (!fields.ok) return [diagnostic('invalid-body', body.place, fields.problem.message, { hint })]
  const { outputs } = step.attributes
  if (!outputs) return []
  const names = Object.keys(fields.value)
  const declared = declaredOutputs(step)
  if (names.toSorted().join() === declared.toSorted().join()) return []
  const message = `Unexpected outputs \`${declared.join(', ')}\`, expected the fields \`${names.join(', ')}\``
  return [
    diagnostic('invalid-attribute', outputs.place, message, { hint: `Write outputs="${names.join(', ')}".` }),
  ]
}
