import type { Expression, SpreadElement } from 'estree'
import type { MdxJsxAttribute, MdxJsxFlowElement } from 'mdast-util-mdx-jsx'
import type * as z from 'zod'
import { commonParams } from './common-params.ts'
import { issuesOf } from './step-params.ts'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import type { KindSpec } from './kind-spec.ts'
import { placeOf } from '../text/place.ts'
import type { Attribute, Literal } from '../runbook.ts'
import { suggest } from '../suggest.ts'
import { hasTemplate } from '../values/template.ts'

export interface Attributes {
  values: Record<string, Attribute>
  diagnostics: Diagnostic[]
}

/** Reads the attributes of a step element; each value must be a literal. */
export function readAttributes(node: MdxJsxFlowElement, file: string): Attributes {
  const values: Record<string, Attribute> = {}
  const diagnostics: Diagnostic[] = []
  for (const attribute of node.attributes) {
    const place = placeOf(attribute, file)
    if (attribute.type === 'mdxJsxExpressionAttribute') {
      diagnostics.push(
        diagnostic(
          'code-in-document',
          place,
          `Unexpected spread \`{${attribute.value}}\`, expected named attributes`,
          {
            hint: 'Write each attribute by name; a runbook is data and runs no JavaScript.',
          },
        ),
      )
      continue
    }
    const value = literalOf(attribute)
    if (value === undefined) diagnostics.push(notLiteral(attribute, place))
    else if (Object.hasOwn(values, attribute.name)) diagnostics.push(repeated(attribute.name, place))
    else values[attribute.name] = { value, place }
  }
  return { values, diagnostics }
}

function notLiteral(attribute: MdxJsxAttribute, place: Place): Diagnostic {
  return diagnostic(
    'code-in-document',
    place,
    `Unexpected expression in attribute \`${attribute.name}\`, expected a literal value`,
    {
      hint: 'Use text, a number, true, false or a list of these; write ${{ inputs.x }} inside text for a value.',
    },
  )
}

function repeated(name: string, place: Place): Diagnostic {
  return diagnostic('invalid-attribute', place, `Unexpected second attribute \`${name}\`, expected it once`, {
    hint: 'Remove one of the two.',
  })
}

function literalOf(attribute: MdxJsxAttribute): Literal | undefined {
  const { value } = attribute
  if (value === null || value === undefined) return true
  if (typeof value === 'string') return value
  const statement = value.data?.estree?.body[0]
  return statement?.type === 'ExpressionStatement' ? literalOfNode(statement.expression) : undefined
}

function literalOfNode(node: Expression | SpreadElement | null): Literal | undefined {
  if (node?.type === 'Literal') return isPrimitive(node.value) ? node.value : undefined
  if (node?.type === 'UnaryExpression' && node.operator === '-' && node.argument.type === 'Literal') {
    return typeof node.argument.value === 'number' ? -node.argument.value : undefined
  }
  if (node?.type !== 'ArrayExpression') return undefined
  const items = node.elements.map(literalOfNode)
  return items.includes(undefined) ? undefined : (items as Literal[])
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/**
 * Validates attributes against the kind. An attribute that holds a template is checked when its values are known,
 * at the plan.
 */
export function checkAttributes(
  kind: KindSpec,
  element: string,
  values: Record<string, Attribute>,
  at: Place,
): Diagnostic[] {
  const shape = { ...commonParams().shape, ...kind.params.shape }
  const names = Object.keys(shape)
  const diagnostics = Object.entries(values)
    .filter(([name]) => !Object.hasOwn(shape, name))
    .map(([name, { place }]) => unknownAttribute(name, element, names, place))
  const plain: Record<string, Literal> = {}
  for (const [name, { value }] of Object.entries(values)) {
    if (!isTemplated(value) && Object.hasOwn(shape, name)) plain[name] = value
  }
  for (const issue of issuesOf(kind, plain)) {
    const name = String(issue.path[0] ?? '')
    const attribute = values[name]
    if (attribute && isTemplated(attribute.value)) continue
    diagnostics.push(attributeProblem(element, name, issue, attribute, at))
  }
  return diagnostics
}

function isTemplated(value: Literal): boolean {
  return typeof value === 'string' && hasTemplate(value)
}

function unknownAttribute(name: string, element: string, names: readonly string[], place: Place): Diagnostic {
  const near = suggest(name, names)
  return diagnostic('unknown-attribute', place, `Unexpected attribute \`${name}\` on <${element}>`, {
    hint: near ? `Did you mean \`${near}\`?` : `<${element}> knows: ${names.toSorted().join(', ')}.`,
  })
}

function attributeProblem(
  element: string,
  name: string,
  issue: z.core.$ZodIssue,
  attribute: Attribute | undefined,
  at: Place,
): Diagnostic {
  if (!attribute) {
    return diagnostic('invalid-attribute', at, `Missing attribute \`${name}\` on <${element}>`, {
      hint: `Add ${name}="…" to the opening tag.`,
    })
  }
  const code =
    issue.code === 'custom' && issue.params?.['code'] === 'invalid-expression'
      ? 'invalid-expression'
      : 'invalid-attribute'
  return diagnostic(code, attribute.place, describeIssue(name, issue, attribute.value), {
    hint: `The reference of <${element}> says what \`${name}\` may hold.`,
  })
}

/** One sentence for a zod issue, quoting the value as the author wrote it. */
function describeIssue(name: string, issue: z.core.$ZodIssue, value: Literal): string {
  const shown = `\`${String(value)}\``
  if (issue.code === 'invalid_value') {
    return `Unexpected ${name} ${shown}, expected ${issue.values.map((option) => `\`${String(option)}\``).join(', ')}`
  }
  if (issue.code === 'invalid_type') {
    const braces = issue.expected === 'number' || issue.expected === 'int' ? ' in braces, such as {3}' : ''
    return `Unexpected ${name} ${shown}, expected a value of type ${issue.expected}${braces}`
  }
  return issue.code === 'custom' ? issue.message : `Unexpected ${name} ${shown}: ${issue.message}`
}
