import { stringify } from 'yaml'
import { isRecord } from '../../../model/values/json.ts'
import type { InputSpec } from '../../../model/values/read-input.ts'
import { compilePattern } from '../../../model/values/pattern.ts'
import { stepByHand, writeDraft } from '../draft.ts'
import type { DraftStep, Imported, ImportNote } from '../draft.ts'
import { DraftNames } from '../draft-names.ts'
import type { SourceTree } from '../source-tree.ts'
import { inputsOf, ssmActions, unreadInputs } from './ssm-actions.ts'
import { flowOf, reachable } from './ssm-flow.ts'
import type { SsmFlow } from './ssm-flow.ts'
import { ssmTemplate } from './ssm-values.ts'
import type { ResolveSsm, SsmVariable } from './ssm-values.ts'
import { textOfValue } from '../source-tree.ts'

/** Whether a document is an Automation document of AWS Systems Manager. */
export function isSsmAutomation({ value }: SourceTree): boolean {
  return Array.isArray(value['mainSteps']) && textOfValue(value['schemaVersion']) === '0.3'
}

type Path = readonly (number | string)[]

interface Work {
  tree: SourceTree
  names: DraftNames
  notes: ImportNote[]
  inputs: Record<string, InputSpec>
  variables: Map<string, SsmVariable>
  steps: readonly Record<string, unknown>[]
  flow: readonly SsmFlow[]
  /** The output of each branch that a step was made for, by the name of the branch. */
  branches: Map<string, string>
}

/** Turns an Automation document into a runbook: calls of AWS become commands of its command line. */
export function importSsm(tree: SourceTree, name: string): Imported {
  const { value } = tree
  const steps = (value['mainSteps'] as unknown[]).filter(isRecord)
  const work: Work = {
    tree,
    names: new DraftNames(),
    notes: [],
    inputs: {},
    variables: new Map(),
    steps,
    flow: flowOf(steps),
    branches: new Map(),
  }
  readParameters(work)
  for (const field of Object.keys(value))
    if (!topFields.has(field)) note(work, [field], `\`${field}\` has no counterpart and was left out`)
  noteJumps(work)
  const drafts = steps.map((step, index) => convertStep(step, index, work))
  const description = typeof value['description'] === 'string' ? value['description'].trim() : ''
  const [summary = ''] = description.split('\n')
  const code = drafts.flatMap(({ fences = [] }) =>
    fences.map(({ info, code: text }) => (info === 'bash' ? text : '')),
  )
  const commands = [
    ...(code.some((text) => text.includes('aws ')) ? ['aws'] : []),
    ...(code.some((text) => text.includes('jq ')) ? ['jq'] : []),
  ]
  return {
    text: writeDraft({
      meta: {
        title: name,
        ...(summary === '' ? {} : { description: summary.replace(/^[#*\s]+/, '').slice(0, 300) || name }),
        ...(Object.keys(work.inputs).length > 0 ? { inputs: work.inputs } : {}),
        ...(commands.length > 0 ? { requires: { commands } } : {}),
      },
      parts: [...(description.includes('\n') ? [quoted(description)] : []), ...drafts],
    }),
    steps: drafts.length,
    byHand: drafts.filter(({ fences = [] }) => fences.some(({ info }) => info.endsWith('example'))).length,
    notes: work.notes.toSorted((a, b) => a.line - b.line),
  }
}

/** Words of another author, whose Markdown may be any: as text that is only read. */
function quoted(text: string): string {
  return `\`\`\`\`text\n${text.replaceAll('````', '```')}\n\`\`\`\``
}

const topFields = new Set(['description', 'schemaVersion', 'parameters', 'mainSteps'])

function note({ tree, notes }: Work, path: Path, message: string): void {
  notes.push({ line: tree.lineOf(path), message })
}

function readParameters(work: Work): void {
  const { value } = work.tree
  const parameters = isRecord(value['parameters']) ? value['parameters'] : {}
  for (const [name, spec] of Object.entries(parameters)) {
    if (!isRecord(spec)) continue
    // The role of the automation is that of whoever runs.
    if (textOfValue(value['assumeRole']).includes(name) && /role/i.test(name)) {
      note(
        work,
        ['parameters', name],
        `\`${name}\` was left out: the run has the rights of the person who runs it`,
      )
      work.variables.set(name, { name: addInput(work, name, { type: 'string', default: '' }), shape: 'text' })
      continue
    }
    const type = textOfValue(spec['type'], 'String')
    const shape =
      type === 'StringList'
        ? 'list'
        : /^(?:String|AWS::)/.test(type) && type !== 'StringMap'
          ? 'text'
          : 'json'
    work.variables.set(name, { name: addInput(work, name, inputSpec(name, spec, type, work)), shape })
    for (const field of Object.keys(spec))
      if (!parameterFields.has(field))
        note(work, ['parameters', name, field], `\`${field}\` of the parameter \`${name}\` was left out`)
  }
}

const parameterFields = new Set([
  'type',
  'description',
  'default',
  'allowedValues',
  'allowedPattern',
  'minChars',
  'maxChars',
])

function addInput({ names, inputs }: Work, name: string, spec: InputSpec): string {
  const own = names.variable(name)
  inputs[own] = own === name ? spec : { ...spec, aliases: [name] }
  return own
}

function inputSpec(
  name: string,
  spec: Readonly<Record<string, unknown>>,
  type: string,
  work: Work,
): InputSpec {
  const about =
    typeof spec['description'] === 'string' ? spec['description'].replaceAll(/\s+/g, ' ').trim() : ''
  const hint =
    type === 'StringList' ? ' Several are separated by commas.' : /List|Map/.test(type) ? ' As JSON.' : ''
  const options = Array.isArray(spec['allowedValues'])
    ? [...new Set(spec['allowedValues'].map(String))]
    : undefined
  const pattern = typeof spec['allowedPattern'] === 'string' ? spec['allowedPattern'] : undefined
  const isText = options === undefined && type === 'String'
  const usable = pattern !== undefined && isText && compilePattern(pattern).ok
  if (pattern !== undefined && !usable)
    note(
      work,
      ['parameters', name, 'allowedPattern'],
      `the pattern of \`${name}\` cannot be used and was left out`,
    )
  const fixed = options === undefined || options.includes('') ? undefined : options
  const given = spec['default']
  const value =
    given === undefined || given === null
      ? undefined
      : Array.isArray(given) && type === 'StringList'
        ? given.map(String).join(',')
        : typeof given === 'object'
          ? JSON.stringify(given)
          : textOfValue(given)
  const isOptional = value === '' || value === '[]' || value === '{}'
  const keeps =
    value !== undefined &&
    !isOptional &&
    (fixed === undefined || fixed.includes(value)) &&
    !/[\n\r]/.test(value)
  const many = type === 'StringList' && fixed !== undefined && fixed.every((option) => !option.includes(','))
  return {
    type:
      fixed === undefined
        ? type === 'Integer'
          ? 'int'
          : type === 'Boolean'
            ? 'boolean'
            : 'string'
        : many
          ? 'multichoice'
          : type === 'StringList'
            ? 'string'
            : 'choice',
    ...(about + hint === '' ? {} : { description: (about + hint).trim() }),
    ...(fixed === undefined || (type === 'StringList' && !many) ? {} : { options: fixed }),
    ...(usable ? { pattern } : {}),
    ...(keeps ? { default: value } : isOptional ? { required: false } : {}),
  }
}

/** The variable of a reference: a parameter, an output that an earlier step writes, or an input that a person gives. */
function resolver(work: Work, path: Path): ResolveSsm {
  return (reference) => {
    const existing = work.variables.get(reference)
    if (existing) return existing
    const line = work.tree.lineOf(path)
    const name = addInput(work, reference, {
      type: 'string',
      description: `The value of ${reference} in the source.`,
    })
    work.notes.push({
      line,
      message: `\`${reference}\` is not an output of a converted step and became the input \`${name}\``,
    })
    const variable: SsmVariable = { name, shape: 'text' }
    work.variables.set(reference, variable)
    return variable
  }
}

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

function convertStep(step: Readonly<Record<string, unknown>>, index: number, work: Work): DraftStep {
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

/** `stopInstances` is `Stop instances`. */
function titleOf(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z]+)/g, (_, before: string, after: string) =>
      after.length === 1 ? `${before} ${after.toLowerCase()}` : `${before} ${after}`,
    )
    .replaceAll(/[_-]+/g, ' ')
    .trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
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

/** A branch is a question for a person: where the source goes on. */
function branchStep(name: string, id: string, title: string, path: Path, work: Work): DraftStep {
  const { tree, names, flow } = work
  const choices = flow.find((one) => one.name === name)?.choices ?? []
  const output = names.variable(`${name} way`)
  work.branches.set(name, output)
  note(work, path, `the branch \`${name}\` is left to a person, who chooses where the run goes on`)
  const field = {
    [output]: { type: 'choice', description: 'The step at which the run goes on.', options: choices },
  }
  return {
    element: 'Ask',
    id,
    title,
    attributes: { outputs: output },
    fences: [
      { info: 'yaml', code: stringify(field) },
      { info: 'yaml example', code: tree.textOf(path) },
    ],
  }
}

/** When a step runs: the ways of the branches above that lead to it. */
function conditionOf(name: string, index: number, { flow, branches }: Work): string | undefined {
  const above = flow.slice(0, index).filter((one) => branches.has(one.name))
  const conditions = above.flatMap((branch) => {
    const leading = branch.choices.filter((choice) => reachable(choice, flow).has(name))
    if (leading.length === branch.choices.length) return []
    const output = branches.get(branch.name) ?? ''
    const listed = leading.map((choice) => `'${choice}'`).join(', ')
    return [`(!has(outputs.${output}) || outputs.${output} in [${listed}])`]
  })
  return conditions.length === 0 ? undefined : conditions.join(' && ')
}

/** Jumps that the order of steps does not have. */
function noteJumps(work: Work): void {
  const order = new Map(work.flow.map(({ name }, index) => [name, index]))
  for (const [index, { name, next, choices }] of work.flow.entries()) {
    const path = ['mainSteps', index]
    const below = work.flow[index + 1]?.name
    const back = [...choices, ...(next === undefined ? [] : [next])].find(
      (to) => (order.get(to) ?? index + 1) <= index,
    )
    if (back !== undefined)
      note(work, path, `\`${name}\` goes back to \`${back}\`: a run does not go back, start another one`)
    else if (
      choices.length === 0 &&
      next !== below &&
      index + 1 < work.flow.length &&
      !isSkippedBy(work.flow, index)
    )
      note(
        work,
        path,
        `\`${name}\` goes on at \`${next ?? 'the end'}\`: the run goes on with the step below it`,
      )
  }
}

/** Whether the step below is reached by a branch alone, whose way keeps it apart. */
function isSkippedBy(flow: readonly SsmFlow[], index: number): boolean {
  const { next } = flow[index] ?? {}
  const from = next === undefined ? flow.length : flow.findIndex(({ name }) => name === next)
  return flow
    .slice(index + 1, from)
    .every(({ name }) =>
      flow
        .slice(0, index)
        .some(({ choices }) =>
          choices.some(
            (choice) =>
              reachable(choice, flow).has(name) && !reachable(choice, flow).has(flow[index]?.name ?? ''),
          ),
        ),
    )
}
