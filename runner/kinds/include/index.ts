import * as z from 'zod'
import { diagnostic } from '../../model/diagnostic.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { fillYaml } from '../../model/values/encode.ts'
import type { Step } from '../../model/runbook.ts'
import { hasTemplate } from '../../model/values/template.ts'
import { parseTexts } from '../../model/values/yaml-text.ts'
import type { View } from '../../model/view.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { readYamlFence } from '../fence-yaml.ts'
import { defineKind, fence, result } from '../kind.ts'
import { firstIssue } from '../../model/first-issue.ts'

const params = z.object({
  runbook: z.string().min(1).describe('The runbook to run, by its address such as `installers/macos`.'),
  outputs: z
    .string()
    .optional()
    .describe('Names of the outputs to copy from that runbook, separated by commas.'),
})

const mapSchema = z
  .strictObject({
    inputs: z.record(z.string(), z.string()).default({}).describe('Values of its inputs, by name.'),
    outputs: z
      .record(z.string(), z.string())
      .default({})
      .describe('The name in that runbook, for each output with a different name here.'),
  })
  .describe('Inputs and outputs of the nested run.')

type Maps = z.output<typeof mapSchema>

function parseMaps(text: string): Outcome<Maps> {
  const yaml = readYamlFence(text, parseTexts)
  if (!yaml.ok) return yaml
  const read = mapSchema.safeParse(yaml.value ?? {})
  return read.success ? success(read.data) : failure(firstIssue(read.error))
}

export const include = defineKind({
  name: 'include',
  summary: 'Runs another runbook as a run of its own, with inputs and outputs mapped.',
  reference: {
    example: [
      '<Include id="installers" title="Build the installers" runbook="installers" outputs="dmg_sha">',
      '',
      '```yaml',
      'inputs: { version: "${{ inputs.version }}" }',
      'outputs: { dmg_sha: sha256 }',
      '```',
      '',
      '</Include>',
    ].join('\n'),
    fields: { title: 'The maps', schema: mapSchema },
    notes: [
      'The nested run has its own folder, journal and page, and the two runs name each other. When the nested run waits, so does this one; resuming this one resumes both. Approve the steps of the nested run on that run. A runbook that includes itself is refused. A rollback of this run does not undo the nested one: use `runbook rollback` on it.',
    ],
  },
  params,
  body: { fences: [{ role: 'main', languages: ['yaml'] }] },
  inspect: mapProblems,
  effect: () => 'none',
  async run({ runbook }, context) {
    const parsed = parseMaps(fence(context.step, 'main')?.code ?? '')
    if (!parsed.ok) return result('failed', `cannot be read: ${parsed.problem.message}`)
    const maps = parsed.value
    const nested = await context.include({ runbook, inputs: maps.inputs })
    const data = { run: nested.run, runbook }
    if (nested.status !== 'passed') return result(nested.status, nested.message, { data })
    const outputs = Object.fromEntries(
      context.step.outputs.flatMap((name) => {
        const value = nested.outputs[maps.outputs[name] ?? name]
        return value === undefined ? [] : [[name, value]]
      }),
    )
    return result('passed', nested.message, { data, outputs })
  },
  view({ runbook }, step, outcome) {
    const link: View = hasTemplate(runbook)
      ? { type: 'field', name: 'runs', value: runbook }
      : { type: 'link', text: runbook, href: `/runbooks/${runbook}/` }
    if (outcome) return [link, { type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    const code = fence(step, 'main')?.code
    return code === undefined ? [link] : [link, { type: 'code', lang: 'yaml', code }]
  },
})

function mapProblems(step: Step): Diagnostic[] {
  const body = fence(step, 'main')
  if (!body) return []
  const maps = parseMaps(fillYaml(body.code, () => 'x'))
  if (maps.ok) return []
  const hint = 'Write `inputs: { name: value }` and, where names differ, `outputs: { here: there }`.'
  return [diagnostic('invalid-body', body.place, maps.problem.message, { hint })]
}
