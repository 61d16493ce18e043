import { isRecord } from '../../../model/values/json.ts'
import { stepByHand } from '../draft.ts'
import type { DraftStep } from '../draft.ts'
import { inputsOf, ssmActions, unreadInputs } from './ssm-actions.ts'
import { ssmTemplate } from './ssm-values.ts'
import { textOfValue } from '../source-tree.ts'
import { addInput, note, resolver, titleOf } from './work.ts'
import type { Path, Work } from './work.ts'
import { branchStep, conditionOf } from './branches.ts'

const stepFields = new Set([
  'name',
  'action',
  'description',
  'inputs',
  'outputs',
  'nextStep',
  'isEnd',
  'onFailure',
  'timeoutSeconds',
  'maxAttempts',
  'isCritical',
])

export function convertStep(step: Readonly<Record<string, unknown>>, index: number, work: Work): DraftStep {
  const { tree, names } = work
  const path = ['mainSteps', index]
  const [name, action] = [textOfValue(step['name'], `step${index + 1}`), textOfValue(step['action'])]
  const id = names.id(name)
  for (const field of Object.keys(step))
    if (!stepFields.has(field))
      note(work, [...path, field], `\`${field}\` of the step \`${name}\` was left out`)
  const title = titleOf(name)
  const when = conditionOf(name, index, work)
  const rules = rulesOf(step, name, path, work)
  if (action === 'aws:branch') {
    const asked = branchStep(name, id, title, path, work)
    return { ...asked, attributes: { ...asked.attributes, when } }
  }
  const inputs = inputsOf(step)
  const outputs = outputsOf(step, name, work)
  const made =
    ssmActions[action]?.({
      inputs,
      outputs,
      resolve: resolver(work, path),
      ask: (own, description) => addInput(work, `${name} ${own}`, { type: 'string', description }),
    }) ?? 'the action has no counterpart'
  const about =
    typeof step['description'] === 'string' ? [step['description'].replaceAll(ssmTemplate, '$1')] : []
  if (typeof made === 'string') {
    note(work, path, `the step \`${name}\` (${action || 'no action'}) is left to a person: ${made}`)
    return {
      ...stepByHand(id, title, `${title}, as the source says`, tree.textOf(path), 'yaml'),
      prose: about,
      ...(when === undefined ? {} : { attributes: { when } }),
    }
  }
  for (const { isList, variable, reference } of outputs)
    work.variables.set(reference, { name: variable, shape: isList ? 'list' : 'text' })
  for (const field of unreadInputs[action] ?? [])
    if (inputs[field] !== undefined)
      note(work, [...path, 'inputs', field], `\`${field}\` of the step \`${name}\` was left out`)
  const declared = outputs.map(({ variable }) => variable).join(', ')
  return {
    id,
    title,
    ...made,
    prose: [...about, ...(made.prose ?? [])].map((text) => text.replaceAll(ssmTemplate, '$1')),
    attributes: {
      ...made.attributes,
      ...(made.element === 'Command' && declared !== '' ? { outputs: declared } : {}),
      ...(made.element === 'Command' || made.element === 'Check' ? rules : {}),
      ...(made.element === 'Check' &&
      made.attributes?.['until'] !== undefined &&
      rules['timeout'] !== undefined
        ? { until: rules['timeout'], timeout: undefined }
        : {}),
      ...(when === undefined ? {} : { when }),
    },
  }
}

interface ReadOutput {
  variable: string
  /** As later steps name it: `step.Output`. */
  reference: string
  selector: string
  isList: boolean
}

/** The outputs of a step that the document reads; another needs no variable. */
function outputsOf(
  step: Readonly<Record<string, unknown>>,
  name: string,
  { names, steps }: Work,
): ReadOutput[] {
  const declared = Array.isArray(step['outputs']) ? step['outputs'].filter(isRecord) : []
  const all = JSON.stringify(steps)
  return declared.flatMap((output) => {
    const reference = `${name}.${textOfValue(output['Name'])}`
    if (!new RegExp(`\\{\\{\\s*${reference.replaceAll('.', String.raw`\.`)}\\s*\\}\\}`).test(all)) return []
    const isList = textOfValue(output['Type']).endsWith('List')
    return [
      {
        variable: names.variable(reference),
        reference,
        selector: textOfValue(output['Selector'], '$'),
        isList,
      },
    ]
  })
}

/** The rules of a step that a runbook has too. */
function rulesOf(
  step: Readonly<Record<string, unknown>>,
  name: string,
  path: Path,
  work: Work,
): Record<string, number | string> {
  const seconds = Number(step['timeoutSeconds'])
  const attempts = Number(step['maxAttempts'])
  const failure = textOfValue(step['onFailure'], 'Abort')
  if (step['timeoutSeconds'] !== undefined && !(seconds > 0))
    note(
      work,
      [...path, 'timeoutSeconds'],
      `the timeout of the step \`${name}\` is not a number and was left out`,
    )
  if (!/^(?:Abort|Continue)$/i.test(failure))
    note(
      work,
      [...path, 'onFailure'],
      `\`onFailure: ${failure}\` of the step \`${name}\` was left out: a failure stops the run`,
    )
  if (textOfValue(step['isCritical'], 'true') === 'false' && /^Abort$/i.test(failure))
    note(
      work,
      [...path, 'isCritical'],
      `\`isCritical: false\` of the step \`${name}\` was left out: its failure fails the run`,
    )
  return {
    ...(seconds > 0 ? { timeout: `${Math.ceil(seconds)}s` } : {}),
    ...(attempts > 1 && attempts <= 100 ? { retries: attempts - 1 } : {}),
    ...(/^Continue$/i.test(failure) ? { onFailure: 'continue' } : {}),
  }
}
