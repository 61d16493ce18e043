import { escapeMdx, stepByHand } from '../draft.ts'
import type { DraftStep } from '../draft.ts'
import type { SourceTree } from '../source-tree.ts'
import { textOfValue } from '../source-tree.ts'
import { fieldsOf, shown, note, sourceOf, scoped, conditionOf } from './work.ts'
import type { Work, Job } from './work.ts'
import { convertStep } from './step.ts'

/** The jobs, each after those that it needs. */
export function orderedJobs({ value }: SourceTree): Job[] {
  const jobs = Object.entries(fieldsOf(value['jobs'])).map(([name, job]): Job => {
    const fields = fieldsOf(job)
    const steps = Array.isArray(fields['steps']) ? fields['steps'].map(fieldsOf) : []
    return { name, fields, path: ['jobs', name], steps }
  })
  const needs = ({ fields }: Job): string[] => [fields['needs'] ?? []].flat().map(String)
  const ordered: Job[] = []
  while (ordered.length < jobs.length) {
    const open = jobs.filter((job) => !ordered.includes(job))
    const done = (name: string): boolean => !open.some((job) => job.name === name)
    ordered.push(open.find((job) => needs(job).every(done)) ?? (open[0] as Job))
  }
  return ordered
}

export function matrixOf(jobs: readonly Job[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const { fields } of jobs) {
    const matrix = fieldsOf(fieldsOf(fields['strategy'])['matrix'])
    for (const [name, list] of Object.entries(matrix)) {
      if (!Array.isArray(list) || !list.every((one) => ['string', 'number', 'boolean'].includes(typeof one)))
        continue
      const options = list.map(String).filter((one) => one !== '' && !one.includes('${{'))
      if (options.length > 0) values.set(name, [...new Set([...(values.get(name) ?? []), ...options])])
    }
  }
  return values
}

const jobFields = [
  'name',
  'needs',
  'steps',
  'env',
  'defaults',
  'outputs',
  'if',
  'timeout-minutes',
  'uses',
  'with',
  'secrets',
]

export function convertJob(job: Job, hasHeading: boolean, work: Work): (DraftStep | string)[] {
  const { name, fields, path, steps } = job
  for (const field of Object.keys(fields))
    if (!jobFields.includes(field))
      note(work, [...path, field], `\`${field}\` of the job \`${name}\` was left out`)
  const condition = conditionOf(fields['if'], `job ${name}`, [...path, 'if'], work)
  const title = typeof fields['name'] === 'string' ? shown(fields['name']) : name
  const heading = hasHeading ? [`## ${escapeMdx(title)}`] : []
  if (fields['uses'] !== undefined) {
    note(
      work,
      path,
      `the job \`${name}\` is left to a person: it is the workflow \`${textOfValue(fields['uses'])}\``,
    )
    const step = stepByHand(
      work.names.id(name),
      title,
      `Do what the workflow ${textOfValue(fields['uses'])} does`,
      sourceOf(fields),
      'yaml',
    )
    return [...heading, { ...step, attributes: { when: condition } }]
  }
  const converted = steps.map((step, index) =>
    convertStep(step, [...path, 'steps', index], job, condition, work),
  )
  for (const [output, value] of Object.entries(fieldsOf(fields['outputs']))) {
    const inner = /^\s*\$\{\{([^}]*)\}\}\s*$/.exec(String(value))?.[1]
    if (inner !== undefined)
      work.outputs.set(
        `needs.${name}.outputs.${output}`,
        work.expressions.variable(scoped(inner, name), work.tree.lineOf([...path, 'outputs', output])),
      )
  }
  return [...heading, ...converted]
}
