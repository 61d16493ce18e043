import type { Nodes } from 'mdast'
import type { MdxJsxFlowElement, MdxJsxTextElement } from 'mdast-util-mdx-jsx'
import type { InputSpec } from '../../../model/values/input-types.ts'
import type { Edit } from '../../edit.ts'
import { plainText } from '../draft.ts'
import type { ImportNote } from '../draft.ts'
import { DraftNames } from '../draft-names.ts'

export type Element = MdxJsxFlowElement | MdxJsxTextElement

export interface Work {
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

export const template = /\{\{-?([^{}]*)-?\}\}/g

export function note({ notes }: Work, node: Nodes, message: string): void {
  notes.push({ line: node.position?.start.line ?? 1, message })
}

export function replace(node: Nodes, text: string, { edits }: Work): void {
  edits.push({ from: node.position?.start.offset ?? 0, to: node.position?.end.offset ?? 0, text })
}

/** The attributes of a block as texts. A list or a number is as it is there. */
export function attributesOf(node: Element, work: Work): Record<string, string> {
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

export const plainWords = (text: string): string => plainText(text.replaceAll(/\s*\n\s*/g, ' '))

export const plainTitle = (text: string): string => text.replaceAll(/\s+/g, ' ').trim() || 'Step'

/** Templates of words, as the names that they stand for. */
export function words(text: string, { variables }: Work): string {
  return text.replaceAll(
    template,
    (_, inner: string) => variables.get(inner.trim().replace(/^\./, '')) ?? inner.trim(),
  )
}

/** A title in which the inputs are filled in. */
export function filled(text: string, { variables, inputs }: Work): string {
  const own = text.replaceAll(template, (_, inner: string) => {
    const name = variables.get(inner.trim().replace(/^\./, ''))
    return name === undefined || !Object.hasOwn(inputs, name) ? inner.trim() : `\${{ inputs.${name} }}`
  })
  return plainTitle(own)
}
