import type { Code, Nodes } from 'mdast'
import { stringify } from 'yaml'
import { parseLooseYaml } from '../../../model/text/yaml.ts'
import { splitFrontmatter } from '../../../model/text/frontmatter.ts'
import { parseMdx } from '../../../model/text/parse.ts'
import { descendants, walk } from '../../../model/text/tree.ts'
import { isRecord } from '../../../model/values/json.ts'
import { failure, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import { shellFence } from '../../../model/text/shell/shell-fence.ts'
import { isExample } from '../../../model/text/shell/not-run.ts'
import { applyEdits } from '../../edit.ts'
import { escapeMdx } from '../draft.ts'
import type { Imported } from '../draft.ts'
import { DraftNames } from '../draft-names.ts'
import { convertElement } from './blocks.ts'
import { note, replace } from './work.ts'
import type { Work } from './work.ts'
import { readInputs } from './inputs.ts'

/** Whether an MDX text is a runbook of Gruntwork: it has a block of theirs. */
export function isGruntwork(text: string): boolean {
  return /<(?:Inputs|Template|TemplateInline|Admonition|AwsAuth|GitHubAuth|GitClone|TfModule)\b|<(?:Check|Command)\s[^>]*?\b(?:command|path|successMessage)=/.test(
    text,
  )
}

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
    read = parseLooseYaml(yaml)
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
