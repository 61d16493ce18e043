import type { Code, Nodes } from 'mdast'
import type { MdxJsxFlowElement, MdxJsxTextElement } from 'mdast-util-mdx-jsx'
import { parse, stringify } from 'yaml'
import { splitFrontmatter } from '../../model/text/frontmatter.ts'
import { language } from '../../model/steps/languages.ts'
import { parseMdx } from '../../model/text/parse.ts'
import { descendants, walk } from '../../model/text/tree.ts'
import { isRecord } from '../../model/values/json.ts'
import type { InputSpec } from '../../model/values/read-input.ts'
import { compilePattern } from '../../model/values/pattern.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { shellFence } from '../../model/text/shell/shell-fence.ts'
import { isExample } from '../../model/text/shell/not-run.ts'
import { applyEdits } from '../edit.ts'
import type { Edit } from '../edit.ts'
import { escapeMdx, plainText, stepByHand, writeStep } from './draft.ts'
import type { DraftStep, Imported, ImportNote } from './draft.ts'
import { DraftNames, variableOf } from './draft-names.ts'
import { insertInShell } from './insert-values.ts'
import { textOfValue } from './source-tree.ts'

type Element = MdxJsxFlowElement | MdxJsxTextElement

/** Whether an MDX text is a runbook of Gruntwork: it has a block of theirs. */
export function isGruntwork(text: string): boolean {
  return /<(?:Inputs|Template|TemplateInline|Admonition|AwsAuth|GitHubAuth|GitClone|TfModule)\b|<(?:Check|Command)\s[^>]*?\b(?:command|path|successMessage)=/.test(
    text,
  )
}

interface Work {
  source: string
  edits: Edit[]
  notes: ImportNote[]
  names: DraftNames
  inputs: Record<string, InputSpec>
  /** Variables by `inputs.Name` and `outputs.block.name`. */
  variables: Map<string, string>
  /** By the name of a block in templates: the outputs that the document reads of it. */
  read: ReadonlyMap<string, ReadonlySet<string>>
  /** The text of a file beside the document. */
  readFile: (path: string) => string | undefined
  steps: number
  byHand: number
}

const template = /\{\{-?([^{}]*)-?\}\}/g

/** Turns a runbook of Gruntwork into one of ours: checks and commands are steps, other blocks are for a person. */
export function importGruntwork(
  text: string,
  file: string,
  name: string,
  readFile: Work['readFile'],
): Outcome<Imported> {
  const { yaml, body } = splitFrontmatter(text)
  const parsed = parseMdx(body, file)
  if ('problem' in parsed)
    return failure(`Line ${parsed.problem.place.line} is not valid MDX: ${parsed.problem.message}`)
  const { tree } = parsed
  const work: Work = {
    source: body,
    edits: [],
    notes: [],
    names: new DraftNames(),
    inputs: {},
    variables: new Map(),
    read: outputsRead(body),
    readFile,
    steps: 0,
    byHand: 0,
  }
  const elements = descendants(tree, 'mdxJsxFlowElement')
  for (const element of elements) if (element.name === 'Inputs') readInputs(element, work)
  for (const node of walk(tree)) convert(node, work)
  const heading = /^#\s+(.+)$/m.exec(body)?.[1]
  const meta = yaml === undefined ? {} : ownMeta(yaml, work)
  const title = meta.title ?? heading?.replaceAll(/[*`_]/g, '').trim() ?? name
  const fields = {
    title,
    ...(meta.description === undefined ? {} : { description: meta.description }),
    ...(Object.keys(work.inputs).length > 0 ? { inputs: work.inputs } : {}),
  }
  const converted = applyEdits(body, work.edits)
    .replace(/^\s+/, '')
    .replaceAll(/\n{3,}/g, '\n\n')
  return success({
    text: `---\n${stringify(fields, { lineWidth: 0 })}---\n\n${converted}`,
    steps: work.steps,
    byHand: work.byHand,
    notes: work.notes.toSorted((a, b) => a.line - b.line),
  })
}

function ownMeta(yaml: string, { notes }: Work): { title?: string; description?: string } {
  let read: unknown
  try {
    read = parse(yaml, { logLevel: 'silent' })
  } catch {
    read = undefined
  }
  if (!isRecord(read)) {
    notes.push({ line: 1, message: 'the frontmatter cannot be read and was left out' })
    return {}
  }
  for (const field of Object.keys(read))
    if (field !== 'title' && field !== 'description')
      notes.push({ line: 1, message: `the frontmatter field \`${field}\` was left out` })
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  const [title, description] = [text(read['title']), text(read['description'])]
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) }
}

function outputsRead(body: string): Map<string, Set<string>> {
  const read = new Map<string, Set<string>>()
  for (const [, block = '', name = ''] of body.matchAll(/\.outputs\.(\w+)\.(\w+)/g))
    read.set(block, (read.get(block) ?? new Set()).add(name))
  return read
}

function note({ notes }: Work, node: Nodes, message: string): void {
  notes.push({ line: node.position?.start.line ?? 1, message })
}

function replace(node: Nodes, text: string, { edits }: Work): void {
  edits.push({ from: node.position?.start.offset ?? 0, to: node.position?.end.offset ?? 0, text })
}

/** Elements of HTML that a runbook may have. */
const plain = new Set(['details', 'summary', 'br', 'kbd', 'sub', 'sup'])

function convert(node: Nodes, work: Work): void {
  if (node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement')
    return convertElement(node, work)
  if (node.type === 'code') return convertCode(node, work)
  if (node.type === 'mdxjsEsm' || node.type === 'mdxFlowExpression' || node.type === 'mdxTextExpression') {
    if (/^\s*\/\*[\s\S]*\*\/\s*$/.test(node.value)) return
    note(
      work,
      node,
      `the JavaScript \`${node.value.slice(0, 60)}\` ${node.type === 'mdxjsEsm' ? 'was left out' : 'became text'}`,
    )
    replace(node, node.type === 'mdxjsEsm' ? '' : escapeMdx(`{${node.value}}`), work)
  }
}

/** A fence that no block holds is only shown. */
function convertCode(node: Code, { source, edits }: Work): void {
  if (!shellFence(node) || isExample(node)) return
  const from = node.position?.start.offset ?? 0
  const line = source.slice(from).split('\n', 1)[0] ?? ''
  edits.push({ from: from + line.trimEnd().length, to: from + line.trimEnd().length, text: ' example' })
}

function convertElement(node: Element, work: Work): void {
  const name = node.name ?? ''
  if (node.type === 'mdxJsxTextElement' || /^[a-z]/.test(name) || name === '')
    return convertPlain(node, name, work)
  const values = attributesOf(node, work)
  if (name === 'Inputs') return replace(node, '', work)
  if (name === 'Admonition') return convertAdmonition(node, values, work)
  const step =
    name === 'Check' || name === 'Command'
      ? scriptStep(node, name, values, work)
      : `the block \`<${name}>\` has no counterpart`
  work.steps += 1
  if (typeof step !== 'string') return replace(node, writeStep(step), work)
  work.byHand += 1
  const title = filled(values['title'] ?? (values['id'] ?? name).replaceAll('-', ' '), work)
  note(work, node, `the block \`${values['id'] ?? name}\` is left to a person: ${step}`)
  const { position } = node
  const source = work.source.slice(position?.start.offset ?? 0, position?.end.offset ?? 0)
  const made = stepByHand(
    work.names.id(values['id'] ?? name),
    title,
    `Do what the block <${name}> does`,
    source,
    'mdx',
  )
  replace(node, writeStep({ ...made, prose: [plainWords(values['description'] ?? '')] }), work)
}

/** An element of HTML, or one within a line. */
function convertPlain(node: Element, name: string, work: Work): void {
  if (plain.has(name) && node.attributes.length === 0) return
  const { position, children } = node
  const [from, to] = [position?.start.offset ?? 0, position?.end.offset ?? 0]
  const first = children[0]?.position?.start.offset
  const last = children.at(-1)?.position?.end.offset
  note(work, node, `\`<${name}>\` was left out, its words stay`)
  if (/^[A-Z]/.test(name) || first === undefined || last === undefined)
    return replace(node, escapeMdx(work.source.slice(from, to)), work)
  work.edits.push({ from, to: first, text: '' }, { from: last, to, text: '' })
}

/** The attributes of a block as texts. A list or a number is as it is there. */
function attributesOf(node: Element, work: Work): Record<string, string> {
  return Object.fromEntries(
    node.attributes.flatMap((attribute) => {
      if (attribute.type !== 'mdxJsxAttribute') {
        note(work, node, 'a spread of attributes was left out')
        return []
      }
      const { name, value } = attribute
      const text = typeof value === 'string' ? value : value ? value.value : 'true'
      return [[name, literalOf(text)]]
    }),
  )
}

/** The text of an expression that is one literal. */
function literalOf(text: string): string {
  const inner = /^(['"`])([\s\S]*)\1$/.exec(text)
  const [, quote = '', inside = ''] = inner ?? []
  return inner === null || inside.includes(quote) || (quote === '`' && inside.includes('${')) ? text : inside
}

function convertAdmonition(
  node: Element,
  { type = 'note', title, description, confirmationText, ...rest }: Record<string, string>,
  work: Work,
): void {
  const inner =
    node.children.length === 0
      ? ''
      : work.source.slice(
          node.children[0]?.position?.start.offset ?? 0,
          node.children.at(-1)?.position?.end.offset ?? 0,
        )
  const left = Object.keys(rest).filter(
    (name) => !['id', 'closable', 'storageKey', 'allowPermanentHide'].includes(name),
  )
  if (left.length > 0) note(work, node, `\`${left.join('`, `')}\` of the admonition was left out`)
  const sign = { warning: 'WARNING', danger: 'CAUTION', tip: 'TIP' }[type] ?? 'NOTE'
  const lines = [
    ...(title === undefined ? [] : [`**${plainWords(title)}**`]),
    plainWords(description ?? ''),
    ...inner.split('\n').map((line) => line.trim()),
  ].filter((line) => line !== '')
  const quote = [
    `> [!${sign}]`,
    ...lines.flatMap((line, index) => (index === 0 ? [`> ${line}`] : ['>', `> ${line}`])),
  ].join('\n')
  if (confirmationText === undefined) return replace(node, quote, work)
  work.steps += 1
  const step: DraftStep = {
    element: 'Checklist',
    id: work.names.id(title ?? 'confirm'),
    title: plainTitle(title ?? 'Confirm'),
    tasks: [confirmationText],
  }
  replace(node, `${quote}\n\n${writeStep(step)}`, work)
}

const plainWords = (text: string): string => plainText(text.replaceAll(/\s*\n\s*/g, ' '))
const plainTitle = (text: string): string => text.replaceAll(/\s+/g, ' ').trim() || 'Step'

const blockFields = new Set([
  'id',
  'title',
  'description',
  'command',
  'path',
  'successMessage',
  'failMessage',
  'warnMessage',
  'runningMessage',
  'inputsId',
  'usePty',
])

function scriptStep(
  node: Element,
  name: 'Check' | 'Command',
  values: Readonly<Record<string, string>>,
  work: Work,
): DraftStep | string {
  const {
    id = name,
    title,
    description,
    command,
    path,
    successMessage,
    failMessage,
    warnMessage,
    usePty,
  } = values
  const script = command ?? (path === undefined ? undefined : work.readFile(path))
  if (script === undefined)
    return path === undefined ? 'it has no script' : `the file \`${path}\` is not there`
  const shebang = /^#!.*?(\w+)\s*$/m.exec(script.split('\n', 1)[0] ?? '')?.[1] ?? 'bash'
  const lang = language(shebang) === undefined ? undefined : shebang
  if (lang === undefined) return `the program \`${shebang}\` does not run here`
  const isShell = language(lang)?.shell === true && lang !== 'pwsh'
  if (!isShell && template.test(script))
    return 'its script contains a template, and a value never becomes part of a script'
  const plainTemplates = [...script.matchAll(template)].every(([, inner = '']) =>
    /^\s*\.(?:inputs\.)?\w+\s*$|^\s*\.outputs\.\w+\.\w+\s*$/.test(inner),
  )
  if (!plainTemplates) return 'its script contains a template with a program in it'
  const code = isShell ? insertInShell(script, template, (inner) => variableFor(inner, node, work)) : script
  if (code === undefined) return 'a template is in a quoted here-document'
  const outputs = outputsOf(id, code, work)
  const left = Object.keys(values).filter((field) => !blockFields.has(field))
  if (left.length > 0) note(work, node, `\`${left.join('`, `')}\` of the block \`${id}\` was left out`)
  if (warnMessage !== undefined)
    note(
      work,
      node,
      `the warning of the block \`${id}\` was left out: an exit code that is not 0 is a failure`,
    )
  if (/\bGENERATED_FILES\b/.test(code))
    note(work, node, `the block \`${id}\` writes to \`$GENERATED_FILES\`, which is not set here`)
  if (/\blog_(?:info|warn|error|debug)\b/.test(code))
    note(work, node, `the block \`${id}\` calls \`log_…\`, which does not exist here`)
  return {
    element: name,
    id: work.names.id(id),
    title: filled(title ?? id.replaceAll('-', ' '), work),
    attributes: {
      ...(outputs.length > 0 ? { outputs: outputs.join(', ') } : {}),
      ...(usePty === 'true' && name === 'Command' ? { tty: 'true' } : {}),
    },
    prose: [
      description,
      successMessage === undefined ? undefined : `When it worked: ${successMessage}`,
      failMessage === undefined ? undefined : `When it failed: ${failMessage}`,
      warnMessage === undefined ? undefined : `When it warns: ${warnMessage}`,
    ].flatMap((one) => (one === undefined ? [] : [words(one, work)])),
    fences: [{ info: lang, code }],
  }
}

/** Templates of words, as the names that they stand for. */
function words(text: string, { variables }: Work): string {
  return text.replaceAll(
    template,
    (_, inner: string) => variables.get(inner.trim().replace(/^\./, '')) ?? inner.trim(),
  )
}

/** A title in which the inputs are filled in. */
function filled(text: string, { variables, inputs }: Work): string {
  const own = text.replaceAll(template, (_, inner: string) => {
    const name = variables.get(inner.trim().replace(/^\./, ''))
    return name === undefined || !Object.hasOwn(inputs, name) ? inner.trim() : `\${{ inputs.${name} }}`
  })
  return plainTitle(own)
}

function variableFor(inner: string, node: Nodes, work: Work): string {
  const reference = inner.replace(/^\./, '')
  const key = /^(?:inputs|outputs)\./.test(reference) ? reference : `inputs.${reference}`
  const existing = work.variables.get(key)
  if (existing !== undefined) return existing
  const name = work.names.variable(reference.split('.').slice(-1).join('_'))
  work.inputs[name] = { type: 'string', description: `The value of ${reference} in the source.` }
  work.variables.set(key, name)
  note(work, node, `\`${reference}\` is not declared in the document and became the input \`${name}\``)
  return name
}

/** The outputs that the document reads of a block; the script writes them under the same names. */
function outputsOf(id: string, code: string, work: Work): string[] {
  const block = id.replaceAll('-', '_')
  return [...(work.read.get(block) ?? [])].flatMap((name) => {
    if (
      !/^[a-z][a-z0-9_]*$/.test(name) ||
      !new RegExp(`\\b${name}=`).test(code) ||
      Object.hasOwn(work.inputs, name)
    )
      return []
    if ([...work.variables.values()].includes(name)) return []
    work.variables.set(`outputs.${block}.${name}`, name)
    return [work.names.variable(name)]
  })
}

function readInputs(element: Element, work: Work): void {
  const fence = descendants(element as never, 'code')[0]
  const path = attributesOf(element, work)['path']
  const text = fence?.value ?? (path === undefined ? undefined : work.readFile(path))
  let read: unknown
  try {
    read = parse(text ?? '', { logLevel: 'silent' })
  } catch {
    read = undefined
  }
  const variables =
    isRecord(read) && Array.isArray(read['variables']) ? read['variables'].filter(isRecord) : undefined
  if (variables === undefined)
    return note(work, element, 'the variables of an `<Inputs>` cannot be read and were left out')
  for (const variable of variables) {
    const own = textOfValue(variable['name'])
    if (own === '' || work.variables.has(`inputs.${own}`)) continue
    const name = work.names.variable(own)
    work.variables.set(`inputs.${own}`, name)
    work.inputs[name] = {
      ...inputSpec(own, variable, element, work),
      ...(name === own || variableOf(own) === own ? {} : { aliases: [own] }),
    }
  }
}

const variableFields = new Set([
  'name',
  'type',
  'description',
  'default',
  'validations',
  'options',
  'sensitive',
  'required',
])

function inputSpec(
  name: string,
  variable: Readonly<Record<string, unknown>>,
  element: Element,
  work: Work,
): InputSpec {
  const left = Object.keys(variable).filter((field) => !variableFields.has(field) && !field.startsWith('x-'))
  if (left.length > 0)
    note(work, element, `\`${left.join('`, `')}\` of the variable \`${name}\` was left out`)
  const { type, description, default: given, options, sensitive } = variable
  const rules = [variable['validations'] ?? []].flat()
  const named = rules.map((rule) => (isRecord(rule) ? textOfValue(rule['type']) : textOfValue(rule)))
  const choices =
    type === 'enum' && Array.isArray(options)
      ? [...new Set(options.map(String))].filter((one) => one !== '')
      : []
  const length = rules.find((rule) => isRecord(rule) && rule['type'] === 'length')
  const regex = rules.find((rule) => isRecord(rule) && rule['type'] === 'regex')
  const pattern =
    isRecord(regex) && typeof regex['regex'] === 'string' && compilePattern(regex['regex']).ok
      ? regex['regex']
      : classes[named.find((one) => one in classes) ?? '']
  const unread = named.filter(
    (one) => !['required', 'length', 'regex', 'semver', 'url', 'email'].includes(one) && !(one in classes),
  )
  if (unread.length > 0)
    note(work, element, `the validation \`${unread.join('`, `')}\` of the variable \`${name}\` was left out`)
  const kind =
    sensitive === true
      ? 'secret'
      : choices.length > 0
        ? 'choice'
        : type === 'int'
          ? 'int'
          : type === 'float'
            ? 'number'
            : type === 'bool'
              ? 'boolean'
              : type === 'string'
                ? (named.find((one) => one === 'semver' || one === 'url' || one === 'email') ?? 'string')
                : 'string'
  const value =
    given === undefined || given === null
      ? ''
      : typeof given === 'object'
        ? JSON.stringify(given)
        : textOfValue(given)
  const keeps =
    value !== '' &&
    kind !== 'secret' &&
    !/[\n\r]/.test(value) &&
    (kind !== 'choice' || choices.includes(value))
  const hint = type === 'list' || type === 'map' ? ' As JSON.' : ''
  const min = isRecord(length) && typeof length['min'] === 'number' ? length['min'] : undefined
  const max = isRecord(length) && typeof length['max'] === 'number' ? length['max'] : undefined
  if (kind === 'secret' && value !== '')
    note(work, element, `the default of the secret \`${name}\` was left out`)
  return {
    type: kind,
    ...(typeof description === 'string' && (description + hint).trim() !== ''
      ? { description: (description + hint).trim() }
      : {}),
    ...(kind === 'choice' ? { options: choices } : {}),
    ...(kind === 'string' && pattern !== undefined ? { pattern } : {}),
    ...(kind === 'string' && min !== undefined ? { min } : {}),
    ...(kind === 'string' && max !== undefined ? { max } : {}),
    ...(keeps ? { default: value } : named.includes('required') ? {} : { required: false }),
  }
}

const classes: Readonly<Record<string, string>> = {
  alpha: '[A-Za-z]*',
  digit: String.raw`\d*`,
  alphanumeric: '[A-Za-z0-9]*',
}
