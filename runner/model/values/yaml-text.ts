import { isAlias, isMap, isNode, visit } from 'yaml'
import type { Node } from 'yaml'
import { readYaml, valueOf } from '../text/yaml.ts'
import { asText } from './json.ts'
import type { Json } from './json.ts'

/**
 * Makes texts of the numbers and booleans below a node, exactly as written: `1.10`, `007`, `0755` and
 * `12345678901234567890` are values that somebody wrote, and reading them as numbers would change them.
 */
export function scalarsAsText(node: Node | null | undefined): void {
  if (!node || isAlias(node)) return
  visit(node, {
    Scalar(_, scalar) {
      if (scalar.value !== null && typeof scalar.value !== 'string')
        scalar.value = scalar.source ?? asText(scalar.value as Json)
    },
  })
}

/** The same for what declarations of inputs have of values: their defaults and options. */
export function inputsAsText(inputs: unknown): void {
  if (!isMap(inputs)) return
  for (const { value: input } of inputs.items)
    for (const field of ['default', 'options']) {
      const value = isMap(input) ? input.get(field, true) : undefined
      if (isNode(value)) scalarsAsText(value)
    }
}

/** Reads YAML whose values are all texts. Throws as `parse` does. */
export function parseTexts(text: string): unknown {
  return read(text, scalarsAsText)
}

/** Reads YAML that declares inputs by their names. Throws as `parse` does. */
export function parseInputs(text: string): unknown {
  return read(text, inputsAsText)
}

function read(text: string, prepare: (contents: Node | null) => void): unknown {
  const document = readYaml(text)
  prepare(document.contents)
  return valueOf(document)
}
