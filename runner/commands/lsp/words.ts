import { elementAttributes } from '../../authoring/element-attributes.ts'
import type { ElementAttribute } from '../../authoring/element-attributes.ts'
import type { Kind } from '../../kinds/kind.ts'
import type { Runbook } from '../../model/runbook.ts'
import { elementName } from '../../model/steps/kind-spec.ts'
import { runFields } from '../../model/values/template.ts'
import type { Cursor } from './cursor.ts'

/** A word that fits at a place, with its documentation in Markdown. */
export interface Word {
  type: 'element' | 'attribute' | 'value' | 'input' | 'output' | 'field'
  text: string
  documentation: string
}

/** Where words come from: the kinds of the workspace, and the document. */
export interface Sources {
  kinds: readonly Kind[]
  inputs: Runbook['meta']['inputs']
  /** Of the document, which may be unfinished. */
  text: string
}

/** The words that fit at a place. */
export function wordsAt(cursor: Cursor, sources: Sources): Word[] {
  switch (cursor.at) {
    case 'element':
      return sources.kinds.map((kind) => ({
        type: 'element',
        text: elementName(kind.name),
        documentation: documentationOf(kind),
      }))
    case 'attribute':
      return attributesOf(cursor.element, sources).map((attribute) => ({
        type: 'attribute',
        text: attribute.name,
        documentation: textOf(attribute),
      }))
    case 'value':
      return (
        attributesOf(cursor.element, sources).find(({ name }) => name === cursor.attribute)?.values ?? []
      ).map((text) => ({ type: 'value', text, documentation: '' }))
    case 'reference':
      return referencesIn(cursor.scope, sources)
    case 'variable':
      return [...inputsOf(sources), ...outputsOf(sources)]
    default:
      return cursor satisfies never
  }
}

function referencesIn(scope: string | undefined, sources: Sources): Word[] {
  if (scope === 'inputs') return inputsOf(sources)
  if (scope === 'outputs') return outputsOf(sources)
  const fields = runFields.map((text) => field(text, 'A field of the run.'))
  if (scope !== undefined) return scope === 'run' ? fields : []
  return [
    field('inputs', 'The inputs of the runbook.'),
    field('outputs', 'The outputs of steps before this one.'),
    field('run', `Fields of the run: ${runFields.join(', ')}.`),
  ]
}

function field(text: string, documentation: string): Word {
  return { type: 'field', text, documentation }
}

function inputsOf({ inputs = {} }: Sources): Word[] {
  return Object.entries(inputs).map(([text, { type, description = '', options }]) => ({
    type: 'input',
    text,
    documentation: [`Input \`${text}\`: ${type}`, options?.join(', ') ?? '', description]
      .filter((part) => part !== '')
      .join('\n\n'),
  }))
}

function outputsOf({ text }: Sources): Word[] {
  const lists = [...text.matchAll(/\boutputs="([^"\n]*)"/g)].map(([, names = '']) => names)
  const names = lists.flatMap((list) => list.split(/[\s,]+/)).filter((name) => name !== '')
  return [...new Set(names)].map((name) => ({
    type: 'output',
    text: name,
    documentation: `Output \`${name}\` of a step.`,
  }))
}

function attributesOf(element: string, { kinds }: Sources): ElementAttribute[] {
  const kind = kinds.find(({ name }) => elementName(name) === element)
  return kind ? elementAttributes(kind) : []
}

function textOf({ name, type, required, description }: ElementAttribute): string {
  return `\`${name}\`: \`${type}\`${required ? ', required' : ''}\n\n${description}`
}

/** The words of the reference about a kind, without links: they lead to files that the workspace does not have. */
function documentationOf({ summary, reference }: Kind): string {
  const notes = reference.notes ?? []
  return [summary, ...notes].join('\n\n').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
}
