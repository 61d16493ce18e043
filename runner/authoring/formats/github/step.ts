import { stepByHand } from '../draft.ts'
import type { DraftStep } from '../draft.ts'
import { githubTemplate } from './expressions.ts'
import { textOfValue } from '../source-tree.ts'
import { shown, note, sourceOf, scoped, conditionOf } from './work.ts'
import type { Fields, Path, Work, Job } from './work.ts'
import { runDefaults, scriptOf } from './script.ts'

const stepFields = [
  'name',
  'id',
  'run',
  'uses',
  'with',
  'env',
  'if',
  'shell',
  'working-directory',
  'timeout-minutes',
  'continue-on-error',
]

export function convertStep(
  step: Fields,
  path: Path,
  job: Job,
  jobCondition: string | undefined,
  work: Work,
): DraftStep {
  const { names, tree } = work
  const command = typeof step['run'] === 'string' ? step['run'] : undefined
  const title = shown(
    textOfValue(
      step['name'] ?? command?.trim().split('\n', 1)[0]?.slice(0, 70) ?? step['uses'] ?? step['id'] ?? 'Step',
    ),
  )
  const id = names.id(textOfValue(step['id'], title))
  for (const field of Object.keys(step))
    if (!stepFields.includes(field))
      note(work, [...path, field], `\`${field}\` of the step \`${title}\` was left out`)
  const own = conditionOf(step['if'], id, [...path, 'if'], work)
  const when = [jobCondition, own].filter((one) => one !== undefined).join(' && ') || undefined
  const minutes = Number(step['timeout-minutes'] ?? job.fields['timeout-minutes'])
  const rules = {
    when,
    ...(minutes > 0 ? { timeout: `${Math.ceil(minutes * 60)}s` } : {}),
    ...(step['continue-on-error'] === true ? { onFailure: 'continue' } : {}),
  }
  if (step['continue-on-error'] !== undefined && typeof step['continue-on-error'] !== 'boolean')
    note(
      work,
      [...path, 'continue-on-error'],
      `\`continue-on-error\` of the step \`${title}\` is an expression and was left out`,
    )
  const made =
    command === undefined
      ? `it uses the action \`${textOfValue(step['uses'])}\``
      : scriptOf(command, step, path, job, work)
  if (typeof made === 'string') {
    note(work, path, `the step \`${title}\` is left to a person: ${made}`)
    const task =
      command === undefined
        ? `Do what the action ${textOfValue(step['uses'])} does`
        : `${title}, as the source says`
    return { ...stepByHand(id, title, task, sourceOf(step), 'yaml'), attributes: { when } }
  }
  const folder = step['working-directory'] ?? runDefaults(job, tree)['working-directory']
  const cwd =
    typeof folder === 'string' ? replaceInAttribute(folder, tree.lineOf(path), job, work) : undefined
  return {
    element: 'Command',
    id,
    title,
    attributes: { ...rules, cwd, ...made.attributes },
    fences: [made.fence],
  }
}

function replaceInAttribute(text: string, line: number, job: Job, work: Work): string {
  return text.replaceAll(
    githubTemplate,
    (_, inner: string) => `\${{ inputs.${work.expressions.variable(scoped(inner, job.name), line)} }}`,
  )
}
