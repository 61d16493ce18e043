import { stringify } from 'yaml'
import { isRecord } from '../../model/values/json.ts'
import type { InputSpec } from '../../model/values/read-input.ts'
import { language } from '../../model/steps/languages.ts'
import { escapeMdx, stepByHand, writeDraft } from './draft.ts'
import type { DraftStep, Imported, ImportNote } from './draft.ts'
import { DraftNames } from './draft-names.ts'
import { githubTemplate, makeExpressions } from './github-expressions.ts'
import type { Expressions } from './github-expressions.ts'
import { insertInShell, shellText } from './insert-values.ts'
import type { SourceTree } from './source-tree.ts'
import { textOfValue } from './source-tree.ts'

type Fields = Readonly<Record<string, unknown>>
type Path = readonly (number | string)[]

/** Whether a document is a workflow of GitHub Actions. */
export function isWorkflow({ value }: SourceTree): boolean {
  return (
    isRecord(value['jobs']) &&
    Object.values(value['jobs']).some(
      (job) => isRecord(job) && (Array.isArray(job['steps']) || job['uses'] !== undefined),
    )
  )
}

interface Work {
  tree: SourceTree
  names: DraftNames
  notes: ImportNote[]
  expressions: Expressions
  /** The output of a step or a job, by the expression that reads it. */
  outputs: Map<string, string>
}

interface Job {
  name: string
  fields: Fields
  path: Path
  steps: readonly Fields[]
}

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})

/** Turns the jobs of a workflow into one runbook: a step with a script is a command, one that uses an action is for a person. */
export function importWorkflow(tree: SourceTree, name: string): Imported {
  const names = new DraftNames()
  const notes: ImportNote[] = []
  const outputs = new Map<string, string>()
  const jobs = orderedJobs(tree)
  const declared = new Map<string, string>()
  const own = declaredInputs(tree, names, declared)
  const expressions = makeExpressions({
    names,
    declared,
    outputs,
    matrix: matrixOf(jobs),
    note: (line, message) => void notes.push({ line, message }),
  })
  const work: Work = { tree, names, notes, expressions, outputs }
  noteTop(work)
  const parts = jobs.flatMap((job) => convertJob(job, jobs.length > 1, work))
  const steps = parts.filter((part) => typeof part !== 'string')
  const inputs = { ...own, ...expressions.inputs }
  const title = typeof tree.value['name'] === 'string' ? shown(tree.value['name']) : name
  return {
    text: writeDraft({
      meta: { title: title || name, ...(Object.keys(inputs).length > 0 ? { inputs } : {}) },
      parts,
    }),
    steps: steps.length,
    byHand: steps.filter(({ element }) => element === 'Checklist').length,
    notes: notes.toSorted((a, b) => a.line - b.line),
  }
}

/** An expression in words. */
function shown(text: string): string {
  return text
    .replaceAll(githubTemplate, (_, inner: string) => `(${inner.trim()})`)
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function note({ tree, notes }: Work, path: Path, message: string): void {
  notes.push({ line: tree.lineOf(path), message })
}

/** The jobs, each after those that it needs. */
function orderedJobs({ value }: SourceTree): Job[] {
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

function matrixOf(jobs: readonly Job[]): Map<string, string[]> {
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

function declaredInputs(
  { value }: SourceTree,
  names: DraftNames,
  declared: Map<string, string>,
): Record<string, InputSpec> {
  const on = fieldsOf(value['on'])
  const inputs: Record<string, InputSpec> = {}
  for (const trigger of ['workflow_dispatch', 'workflow_call'])
    for (const [name, spec] of Object.entries(fieldsOf(fieldsOf(on[trigger])['inputs']))) {
      if (declared.has(name)) continue
      const variable = names.variable(name)
      declared.set(name, variable)
      inputs[variable] = { ...inputSpec(fieldsOf(spec)), ...(variable === name ? {} : { aliases: [name] }) }
    }
  return inputs
}

function inputSpec({ type, description, required, default: given, options }: Fields): InputSpec {
  const choices = Array.isArray(options) ? [...new Set(options.map(String))].filter((one) => one !== '') : []
  const value = given === undefined || given === null ? '' : textOfValue(given)
  const isChoice = type === 'choice' && choices.length > 0
  const keeps =
    value !== '' && !/[\n\r]/.test(value) && !value.includes('${{') && (!isChoice || choices.includes(value))
  const number = type === 'number' && (value === '' || Number.isFinite(Number(value)))
  return {
    type: isChoice ? 'choice' : type === 'boolean' ? 'boolean' : number ? 'number' : 'string',
    ...(typeof description === 'string' && description.trim() !== ''
      ? { description: shown(description) }
      : {}),
    ...(isChoice ? { options: choices } : {}),
    ...(keeps ? { default: value } : String(required) === 'true' ? {} : { required: false }),
  }
}

function noteTop(work: Work): void {
  const { value } = work.tree
  const triggers =
    typeof value['on'] === 'string'
      ? [value['on']]
      : Array.isArray(value['on'])
        ? value['on'].map(String)
        : Object.keys(fieldsOf(value['on']))
  const automatic = triggers.filter((name) => name !== 'workflow_dispatch' && name !== 'workflow_call')
  if (automatic.length > 0)
    note(work, ['on'], `the trigger \`${automatic.join(', ')}\` was left out: a person starts the run`)
  for (const field of Object.keys(value))
    if (!['name', 'on', 'jobs', 'env', 'defaults', 'run-name'].includes(field))
      note(work, [field], `\`${field}\` has no counterpart and was left out`)
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

function convertJob(job: Job, hasHeading: boolean, work: Work): (DraftStep | string)[] {
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

/** The source of a part, as YAML of its own. */
function sourceOf(fields: Fields): string {
  return stringify(fields, { lineWidth: 0 })
}

/** Step outputs are those of one job. */
function scoped(expression: string, job: string): string {
  return expression
    .trim()
    .replaceAll(
      /\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g,
      (_, step: string, output: string) => `jobs.${job}.${step}.${output}`,
    )
}

/** A condition is a question that a person answers when the run begins. */
function conditionOf(condition: unknown, what: string, path: Path, work: Work): string | undefined {
  if (condition === undefined || condition === true) return undefined
  const text = textOfValue(condition)
    .trim()
    .replace(/^\$\{\{\s*([\s\S]*?)\s*\}\}$/, '$1')
    .replaceAll(/\s+/g, ' ')
  if (text === 'success()' || text === 'true') return undefined
  const existing = work.outputs.get(`if ${text}`)
  const name = existing ?? work.names.variable(`run ${what}`)
  if (existing === undefined) {
    work.outputs.set(`if ${text}`, name)
    work.expressions.inputs[name] = { type: 'boolean', description: `Whether this holds: ${text}` }
    note(work, path, `the condition \`${text}\` became the input \`${name}\``)
  }
  return `inputs.${name} == 'true'`
}

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

function convertStep(
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

function runDefaults({ fields }: Job, { value }: SourceTree): Fields {
  return { ...fieldsOf(fieldsOf(value['defaults'])['run']), ...fieldsOf(fieldsOf(fields['defaults'])['run']) }
}

function scriptOf(
  command: string,
  step: Fields,
  path: Path,
  job: Job,
  work: Work,
): { fence: { info: string; code: string }; attributes: { outputs?: string } } | string {
  const { tree } = work
  const shell = textOfValue(step['shell'] ?? runDefaults(job, tree)['shell'], 'bash').replace(/\s.*$/, '')
  if (language(shell) === undefined) return `the shell \`${shell}\` does not run here`
  const isShell = ['bash', 'sh', 'zsh'].includes(shell)
  const line = tree.lineOf([...path, 'run'])
  const variable = (inner: string): string => work.expressions.variable(scoped(inner, job.name), line)
  const env = { ...fieldsOf(tree.value['env']), ...fieldsOf(job.fields['env']), ...fieldsOf(step['env']) }
  if (!isShell) {
    if (command.search(githubTemplate) !== -1)
      return 'its script contains an expression, and a value never becomes part of a script'
    if (Object.values(env).some((value) => String(value).includes('${{')))
      return 'its environment contains an expression'
  }
  const code = isShell ? insertInShell(command, githubTemplate, variable) : command
  if (code === undefined) return 'an expression is in a quoted here-document'
  const used = Object.entries(env).filter(([name]) => isShell || new RegExp(`\\b${name}\\b`).test(code))
  if (!isShell && used.length > 0) return 'its environment is set by the workflow'
  const outputs = isShell ? outputsOf(step, job, work) : []
  for (const file of ['GITHUB_ENV', 'GITHUB_PATH'])
    if (code.includes(file))
      note(
        work,
        [...path, 'run'],
        `what the script writes to \`$${file}\` reaches no later step: each is a process of its own`,
      )
  const files = ['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY', 'GITHUB_OUTPUT'].filter((file) =>
    code.includes(file),
  )
  const lines = [
    ...used.map(([name, value]) => `export ${name}=${shellText(textParts(textOfValue(value), variable))}`),
    ...files.map((file) => `export ${file}="$(mktemp)"`),
    code.trimEnd(),
    ...outputs.map(
      ({ name, variable: own }) =>
        `echo "${own}=$(sed -n 's/^${name}=//p' "$GITHUB_OUTPUT" | tail -n 1)" >> "$RUNBOOK_OUTPUT"`,
    ),
  ]
  return {
    fence: { info: shell, code: lines.join('\n') },
    attributes: outputs.length > 0 ? { outputs: outputs.map(({ variable: own }) => own).join(', ') } : {},
  }
}

function textParts(
  text: string,
  variable: (inner: string) => string,
): ({ text: string } | { variable: string })[] {
  return text.split(/(\$\{\{[\s\S]*?\}\})/).flatMap((part) => {
    const inner = /^\$\{\{([\s\S]*)\}\}$/.exec(part)?.[1]
    return part === '' ? [] : [inner === undefined ? { text: part } : { variable: variable(inner) }]
  })
}

/** The outputs of a step that the workflow reads. */
function outputsOf(
  step: Fields,
  { name: job, path: jobPath }: Job,
  { tree, names, outputs }: Work,
): { name: string; variable: string }[] {
  const id = step['id']
  if (typeof id !== 'string' || !textOfValue(step['run']).includes('GITHUB_OUTPUT')) return []
  const all = tree.textOf(jobPath)
  const read = new Set(
    [...all.matchAll(new RegExp(`\\bsteps\\.${id}\\.outputs\\.([\\w-]+)`, 'g'))].map(([, name = '']) => name),
  )
  return [...read].flatMap((name) => {
    if (!new RegExp(`\\b${name}=`).test(textOfValue(step['run']))) return []
    const variable = names.variable(`${id}_${name}`)
    outputs.set(`jobs.${job}.${id}.${name}`, variable)
    return [{ name, variable }]
  })
}
