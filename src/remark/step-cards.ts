import { relative, sep } from 'node:path'
import type { Heading, Nodes, Root, RootContent } from 'mdast'
import type { MdxJsxFlowElement } from 'mdast-util-mdx-jsx'
import type { Processor } from 'unified'
import type { VFile } from 'vfile'
import { kinds } from '../data/kinds.ts'
import { slugOf } from '../../runner/library.ts'
import { hasErrors, sortByPlace } from '../../runner/model/diagnostic.ts'
import { extract } from '../../runner/model/steps/extract.ts'
import { extractMarkdown } from '../../runner/model/text/markdown.ts'
import { stepAnchors } from '../../runner/model/text/outline.ts'
import { parseMdx } from '../../runner/model/text/parse.ts'
import type { InputSpec } from '../../runner/model/values/input-types.ts'
import type { Body } from '../../runner/model/read-runbook.ts'
import type { Step } from '../../runner/model/runbook.ts'
import type { Kinds } from '../../runner/kinds/index.ts'
import { isExample } from '../../runner/model/text/shell/not-run.ts'
import { showTags } from '../../runner/model/text/shown-tags.ts'
import { withAddresses } from '../../runner/model/text/shortcodes.ts'
import { descendants, walk } from '../../runner/model/text/tree.ts'
import { siteLinks } from '../build/link-library.ts'
import { elementOf } from '../data/steps/cut-at-steps.ts'
import { fillable } from '../data/steps/input-pieces.ts'
import { emptyAnchor, placeAnchors } from './place-anchors.ts'
import { markTemplates } from './fill-in.ts'
import { markNotices } from './mark-notices.ts'
import { placeImages } from './place-images.ts'
import { makeInert } from './inert-html.ts'
import { levelHeadings } from './level-headings.ts'
import { htmlElements } from './html-elements.ts'
import { resolveLinks } from './page-links.ts'
import { divideProse } from './step-lead.ts'
import { describeAll } from './describe-findings.ts'

interface Options {
  /** Absolute path of the project; file names are shown relative to it. */
  root: string
  /** Absolute path of the folder of runbooks. */
  content: string
  kinds: Kinds
  /** Address of the published site. */
  site?: string | undefined
  /** Address that edits a file once its path is added. */
  edit?: string | undefined
  /** Absolute path of the guide that comes with the site. */
  guide?: string | undefined
}

/**
 * Makes step cards of step elements. It sees the tree the runner sees and calls the runner's own `extract`, so a
 * step is on the page exactly when it is in the plan, and what `check` refuses fails the build.
 */
function attach(this: Processor, options: Options) {
  readAsRunner(this, options)
  return async (tree: Root, file: VFile): Promise<void> => {
    const path = file.path ?? ''
    const name = relative(options.root, path).split(sep).join('/')
    const inside = relative(options.content, path).split(sep).join('/')
    const slug = inside.startsWith('..') ? undefined : slugOf(inside)
    const plain = !path.endsWith('.mdx')
    if (plain) markSteps(tree, file, name)
    else {
      const steps = replaceSteps(tree, file, name, slug)
      const reserved = stepAnchors(steps).map((anchor) => anchor.name)
      placeAnchors(tree, reserved, 'mdx', name)
      if (slug !== undefined) htmlElements(tree)
    }
    levelHeadings(tree)
    markNotices(tree)
    const library = await siteLinks(options)
    await placeImages(tree, path, library)
    resolveLinks(tree, { path, library, edit: options.edit, lenient: plain && slug !== undefined })
  }
}

export const remarkSteps = attach

/** A runbook and plain Markdown are parsed as the runner parses them; other MDX by the processor of the pages. */
function readAsRunner(processor: Processor, { root, content }: Options): void {
  const { parser } = processor
  if (!parser) return
  processor.parser = (text, file) => {
    const path = file.path ?? ''
    if (!path.endsWith('.mdx')) return parser(withAddresses(text), file)
    if (relative(content, path).startsWith('..')) return parser(text, file)
    const { body } = given(file)
    if (body) return body.tree
    const parsed = parseMdx(text, relative(root, path).split(sep).join('/'))
    if ('problem' in parsed) throw new Error(describeAll([parsed.problem]))
    return parsed.tree
  }
}

/** Facts of the reading, which the caller of the processor gives in the place of the frontmatter. */
interface Given {
  inputs?: Record<string, InputSpec>
  /** The document as the runner read it, for this page alone. */
  body?: Body
}

function given(file: VFile): Given {
  return file.data.astro?.frontmatter ?? {}
}

/** A plain document is unchanged; its steps only get the addresses that the runner and alerts know them by. */
function markSteps(tree: Root, file: VFile, name: string): void {
  showTags(tree)
  const { nodes } = extractMarkdown(tree, String(file.value), name, '')
  const html = descendants(tree, 'html')
  const taken = placeAnchors(tree, [], 'md', name)
  makeInert(html, new Set([...taken, ...[...nodes.keys()].map(({ id }) => id)]))
  const missing = new Map(
    [...nodes].filter(([{ id }]) => !taken.has(id)).map(([step, node]) => [node, step.id]),
  )
  for (const parent of [tree, ...walk(tree)]) {
    if (!('children' in parent)) continue
    const children = (parent.children as Nodes[]).flatMap((child) => {
      const id = child.type === 'code' ? missing.get(child) : undefined
      return id === undefined ? [child] : [emptyAnchor(id, 'md'), child]
    })
    parent.children = children as never
  }
}

function replaceSteps(tree: Root, file: VFile, name: string, slug: string | undefined): Step[] {
  const { body, inputs: specs = {} } = given(file)
  const { steps, nodes, diagnostics: all } = body ?? extract(tree, String(file.value), name, kinds)
  // A page of the documentation shows commands that nobody runs from there.
  const diagnostics = slug !== undefined ? all : all.filter(({ code }) => code !== 'not-a-step')
  if (hasErrors(diagnostics)) throw new Error(describeAll(sortByPlace(diagnostics)))
  const inputs = fillable(specs)
  if (slug !== undefined) markTemplates(tree, inputs)
  for (const [step, node] of nodes) toCard(node, step, inputs)
  return steps
}

/** Leaves the words of a step where its card will stand; `cutAtSteps` finds them in the page. */
function toCard(node: MdxJsxFlowElement, step: Step, inputs: string[]): void {
  node.name = elementOf.step
  node.attributes = [{ type: 'mdxJsxAttribute', name: 'data-step', value: step.id }]
  const heading = headingOf(step)
  markTemplates(heading, inputs)
  const room = step.fences.length > 0 ? roomAbove : roomAlone
  const { shown, folded } = divideProse(withoutFences(node.children), room)
  node.children = [heading, elementFor(elementOf.lead, shown), elementFor(elementOf.rest, folded)]
}

/** Characters of prose that a card shows: a line above a command, more where it has none. */
const [roomAbove, roomAlone] = [120, 400]

function elementFor(name: string, children: RootContent[]): MdxJsxFlowElement {
  return { type: 'mdxJsxFlowElement', name, attributes: [], children: children as never }
}

/** A real heading, so that anchor, table of contents and search result come from one node. */
function headingOf(step: Step): Heading {
  return {
    type: 'heading',
    depth: step.phase === undefined ? 2 : 3,
    children: step.title
      .split(/`([^`]+)`/)
      .map((value, at) => ({ type: at % 2 === 1 ? ('inlineCode' as const) : ('text' as const), value }))
      .filter(({ value }) => value !== ''),
    data: { hProperties: { id: step.id } },
  }
}

/** The card draws a step's own fences itself; an `example` is part of the prose. */
function withoutFences<T extends Nodes>(children: readonly T[]): T[] {
  return children.filter((child) => child.type !== 'code' || isExample(child)).map(pruned)
}

function pruned<T extends Nodes>(node: T): T {
  if ('children' in node)
    node.children = withoutFences(node.children as RootContent[]) as typeof node.children
  return node
}
