import type { Nodes, Parent, Root } from 'mdast'
import type { MdxJsxAttribute, MdxJsxFlowElement, MdxJsxTextElement } from 'mdast-util-mdx-jsx'
import { checkAttributes, readAttributes } from './attributes.ts'
import { readBody } from './step-body.ts'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import { elementName } from './kind-spec.ts'
import type { KindSpec } from './kind-spec.ts'
import { commentProblem, hidesStep, strayFence } from '../text/shell/not-run.ts'
import { headingText } from '../text/outline.ts'
import { placeOf } from '../text/place.ts'
import type { Step } from '../runbook.ts'
import { suggest } from '../suggest.ts'
import { commentText } from '../text/tree.ts'

/** HTML elements without behavior, which a runbook may contain. */
const plainElements = new Set(['details', 'summary', 'br', 'kbd', 'sub', 'sup', 'a'])

export interface Extraction {
  steps: Step[]
  /** The element each step was read from, for the page that renders it. */
  nodes: Map<Step, MdxJsxFlowElement>
  diagnostics: Diagnostic[]
}

interface Walk extends Extraction {
  file: string
  source: string
  kinds: ReadonlyMap<string, KindSpec>
  phase: string | undefined
}

/**
 * Finds the steps of an MDX tree, in document order, and everything that a runbook may not contain. The runner
 * and the site both call this, so a step is on the page exactly when it is in the plan.
 */
export function extract(tree: Root, source: string, file: string, kinds: readonly KindSpec[]): Extraction {
  const byElement = new Map(kinds.map((kind) => [elementName(kind.name), kind]))
  const walk: Walk = {
    steps: [],
    nodes: new Map(),
    diagnostics: [],
    file,
    source,
    kinds: byElement,
    phase: undefined,
  }
  visitChildren(tree, walk, undefined)
  return {
    steps: walk.steps,
    nodes: walk.nodes,
    diagnostics: [...walk.diagnostics, ...duplicateIds(walk.steps)],
  }
}

function visitChildren(parent: Parent, walk: Walk, inside: string | undefined): void {
  for (const child of parent.children as Nodes[]) visit(child, walk, inside)
}

function visit(node: Nodes, walk: Walk, inside: string | undefined): void {
  if (node.type === 'heading' && node.depth === 2 && !inside) walk.phase = headingText(node).text
  const problem = codeProblem(node, walk)
  if (problem) walk.diagnostics.push(problem)
  if (node.type === 'code' && inside === undefined) walk.diagnostics.push(...strayFence(node, walk.file))
  const element = isElement(node) ? node : undefined
  const kind = element?.name ? walk.kinds.get(element.name) : undefined
  if (element && !kind) walk.diagnostics.push(...elementProblems(element, walk))
  if (element && kind) return visitStep(element, kind, walk, inside)
  if ('children' in node) visitChildren(node, walk, inside)
}

function isElement(node: Nodes): node is MdxJsxFlowElement | MdxJsxTextElement {
  return node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement'
}

function visitStep(
  element: MdxJsxFlowElement | MdxJsxTextElement,
  kind: KindSpec,
  walk: Walk,
  inside: string | undefined,
): void {
  const name = elementName(kind.name)
  const place = openingTag(element, walk)
  if (inside) {
    walk.diagnostics.push(
      diagnostic(
        'nested-step',
        place,
        `Unexpected <${name}> inside the step \`${inside}\`, expected steps side by side`,
        {
          hint: 'Close the outer step before this one begins.',
        },
      ),
    )
    return
  }
  if (element.type === 'mdxJsxTextElement') {
    walk.diagnostics.push(
      diagnostic(
        'nested-step',
        place,
        `Unexpected <${name}> in the middle of a paragraph, expected it on lines of its own`,
        {
          hint: 'Put an empty line before and after the step.',
        },
      ),
    )
    return
  }
  const step = readStep(element, kind, name, place, walk)
  walk.steps.push(step)
  if (kind.inspect) walk.diagnostics.push(...kind.inspect(step))
  walk.nodes.set(step, element)
  visitChildren(element, walk, step.id)
}

function readStep(element: MdxJsxFlowElement, kind: KindSpec, name: string, place: Place, walk: Walk): Step {
  const attributes = readAttributes(element, walk.file)
  const body = readBody(element, kind, name, place, walk.source)
  walk.diagnostics.push(
    ...attributes.diagnostics,
    ...checkAttributes(kind, name, attributes.values, place),
    ...body.diagnostics,
  )
  const id = attributes.values['id']
  if (id && !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(String(id.value))) {
    walk.diagnostics.push(
      diagnostic(
        'invalid-id',
        id.place,
        `Unexpected step id \`${String(id.value)}\`, expected lower-case words joined by hyphens`,
        {
          hint: 'The id is the address of the step: write it like `restart-api`.',
        },
      ),
    )
  }
  return {
    number: walk.steps.length + 1,
    id: String(id?.value ?? ''),
    kind: kind.name,
    title: String(attributes.values['title']?.value ?? ''),
    ...(walk.phase === undefined ? {} : { phase: walk.phase }),
    attributes: attributes.values,
    fences: body.fences,
    tasks: body.tasks,
    prose: body.prose,
    place,
  }
}

function openingTag(element: MdxJsxFlowElement | MdxJsxTextElement, walk: Walk): Place {
  const { line, column } = placeOf(element, walk.file)
  return { file: walk.file, line, column, endLine: line, endColumn: column + 1 + (element.name?.length ?? 0) }
}

function codeProblem(node: Nodes, walk: Walk): Diagnostic | undefined {
  const place = placeOf(node, walk.file)
  if (node.type === 'mdxjsEsm') {
    return diagnostic(
      'code-in-document',
      place,
      'Unexpected import or export, expected a document without JavaScript',
      {
        hint: 'Steps need no import. If the line is text, put a backtick pair around its first word.',
      },
    )
  }
  if (node.type !== 'mdxFlowExpression' && node.type !== 'mdxTextExpression') return undefined
  const comment = commentText(node)
  if (comment !== undefined) return hidesStep(comment) ? commentProblem(place) : undefined
  if (node.data?.estree?.body.length === 0) return undefined
  return diagnostic(
    'code-in-document',
    place,
    `Unexpected expression \`{${node.value}}\`, expected a document without JavaScript`,
    {
      hint: 'Write `\\{` for a plain brace, or `{/* … */}` for a comment.',
    },
  )
}

function elementProblems(element: MdxJsxFlowElement | MdxJsxTextElement, walk: Walk): Diagnostic[] {
  const place = openingTag(element, walk)
  if (!element.name || !plainElements.has(element.name)) {
    const near = element.name ? suggest(element.name, walk.kinds.keys()) : undefined
    const elements = [...walk.kinds.keys()].join(', ')
    return [
      diagnostic(
        'unknown-element',
        place,
        `Unexpected element <${element.name ?? ''}>, expected a step kind`,
        {
          hint: near
            ? `Did you mean <${near}>?`
            : `The step kinds are ${elements}. Write \`\\<\` for a plain \`<\`.`,
        },
      ),
    ]
  }
  return element.attributes
    .filter((attribute) => attribute.type !== 'mdxJsxAttribute' || !isPlainAttribute(attribute, element.name))
    .map((attribute) =>
      diagnostic(
        'unknown-attribute',
        placeOf(attribute, walk.file),
        `Unexpected attribute on <${element.name}>`,
        {
          hint: 'Plain elements may have `open` and `title` only, and `a` an `id`.',
        },
      ),
    )
}

function isPlainAttribute(attribute: MdxJsxAttribute, element: string | null): boolean {
  if (attribute.name === 'open') return true
  return (
    typeof attribute.value === 'string' &&
    (attribute.name === 'title' || (element === 'a' && /^(id|name)$/.test(attribute.name)))
  )
}

function duplicateIds(steps: readonly Step[]): Diagnostic[] {
  const first = new Map<string, Step>()
  return steps.flatMap((step) => {
    const before = step.id === '' ? undefined : first.get(step.id)
    if (!before) {
      first.set(step.id, step)
      return []
    }
    return [
      diagnostic(
        'duplicate-id',
        idPlace(step),
        `Unexpected step id \`${step.id}\`, expected an id not used before`,
        {
          hint: `Rename one of them; links to #${step.id} break if you rename the first.`,
          notes: [{ message: 'first used here', place: idPlace(before) }],
        },
      ),
    ]
  })
}

function idPlace(step: Step): Place {
  return step.attributes['id']?.place ?? step.place
}
