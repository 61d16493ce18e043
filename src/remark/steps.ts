import { relative, sep } from 'node:path'
import type { Code, Heading, Nodes, Root, RootContent } from 'mdast'
import type { MdxJsxFlowElement } from 'mdast-util-mdx-jsx'
import type { VFile } from 'vfile'
import { kinds } from '../../runner/kinds/index.ts'
import { hasErrors, sortDiagnostics } from '../../runner/model/diagnostic.ts'
import { extract } from '../../runner/model/extract.ts'
import { attribute } from '../../runner/model/runbook.ts'
import type { Step } from '../../runner/model/runbook.ts'
import { identifyHeadings } from './headings.ts'
import { resolveLinks } from './links.ts'
import { describeAll } from './problem.ts'
import { plannedFrom } from './planned.ts'

export interface Options {
  /** Absolute path that file names in messages are relative to. */
  root: string
  /** Absolute path of the folder of runbooks. */
  content: string
}

/**
 * Makes step cards of step elements. It sees the tree the runner sees and calls the runner's own `extract`, so a
 * step is on the page exactly when it is in the plan, and what `check` refuses fails the build.
 */
export function remarkSteps(options: Options) {
  return (tree: Root, file: VFile): void => {
    const path = file.path ?? ''
    const steps = path.endsWith('.mdx')
      ? replaceSteps(tree, file, relative(options.root, path).split(sep).join('/'))
      : []
    identifyHeadings(tree, steps.flatMap(anchorsOf))
    resolveLinks(tree, path, options.content)
  }
}

/** Every address of a step: its id and the ids it had. */
function anchorsOf(step: Step): string[] {
  const was = attribute(step, 'was')
  return [step.id, ...(typeof was === 'string' ? was.split(/[\s,]+/).filter((id) => id !== '') : [])]
}

function replaceSteps(tree: Root, file: VFile, name: string): Step[] {
  const { steps, nodes, diagnostics } = extract(tree, String(file.value), name, kinds)
  if (hasErrors(diagnostics)) throw new Error(describeAll(sortDiagnostics(diagnostics)))
  const inputs = fillable(file.data.astro?.frontmatter)
  for (const [step, node] of nodes) toCard(node, step, inputs)
  return steps
}

/** The inputs whose values the page may show: all but secrets. */
function fillable(frontmatter: Record<string, unknown> | undefined): string[] {
  const inputs = (frontmatter?.['inputs'] ?? {}) as Record<string, { type?: string } | null>
  return Object.keys(inputs).filter((name) => inputs[name]?.type !== 'secret')
}

function toCard(node: MdxJsxFlowElement, step: Step, inputs: string[]): void {
  node.name = 'Step'
  node.attributes = [
    { type: 'mdxJsxAttribute', name: 'data', value: JSON.stringify({ step: plannedFrom(step), inputs }) },
  ]
  node.children = [headingOf(step), ...withoutFences(node.children)] as MdxJsxFlowElement['children']
}

/** A real heading, so that anchor, table of contents and search result come from one node. */
function headingOf(step: Step): Heading {
  return {
    type: 'heading',
    depth: step.phase === undefined ? 2 : 3,
    children: [{ type: 'text', value: step.title }],
    data: { hProperties: { id: step.id } },
  }
}

/** The card draws a step's own fences itself; an `example` is part of the prose. */
function withoutFences<T extends Nodes>(children: readonly T[]): T[] {
  return children.filter((child) => child.type !== 'code' || isExample(child)).map(pruned)
}

function isExample(node: Code): boolean {
  return /^example\b/.test(node.meta ?? '')
}

function pruned<T extends Nodes>(node: T): T {
  if ('children' in node)
    node.children = withoutFences(node.children as RootContent[]) as typeof node.children
  return node
}
