import { relative, sep } from 'node:path'
import type { Code, Heading, Nodes, Root, RootContent } from 'mdast'
import type { MdxJsxFlowElement } from 'mdast-util-mdx-jsx'
import type { Processor } from 'unified'
import type { VFile } from 'vfile'
import { kinds } from '../data/kinds.ts'
import { slugOf } from '../../runner/library.ts'
import { hasErrors, sortByPlace } from '../../runner/model/diagnostic.ts'
import { extract } from '../../runner/model/steps/extract.ts'
import { extractMarkdown } from '../../runner/model/text/markdown.ts'
import { stepAnchors } from '../../runner/model/text/outline.ts'
import type { InputSpec } from '../../runner/model/values/read-input.ts'
import type { Step } from '../../runner/model/runbook.ts'
import type { Kinds } from '../../runner/kinds/index.ts'
import { showTags } from '../../runner/model/text/shown-tags.ts'
import { withAddresses } from '../../runner/model/text/shortcodes.ts'
import { descendants, walk } from '../../runner/model/text/tree.ts'
import { siteLinks } from '../build/link-library.ts'
import { mostLines } from '../data/steps/card-views.ts'
import { terminalLine } from '../data/steps/terminal-line.ts'
import type { TerminalLine } from '../data/steps/terminal-line.ts'
import { emptyAnchor, placeAnchors } from './place-anchors.ts'
import { markTemplates } from './fill-in.ts'
import { markNotices } from './mark-notices.ts'
import { placeImages } from './place-images.ts'
import { makeInert } from './inert-html.ts'
import { levelHeadings } from './level-headings.ts'
import { resolveLinks } from './page-links.ts'
import { divideProse } from './step-lead.ts'
import { describeAll } from './describe-findings.ts'
import { plannedFrom } from './planned-step.ts'

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
  readReferences(this)
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
    }
    levelHeadings(tree)
    markNotices(tree)
    const library = await siteLinks(options)
    await placeImages(tree, path, library)
    resolveLinks(tree, { path, library, edit: options.edit, lenient: plain && slug !== undefined })
  }
}

export const remarkSteps = attach

/** Plain Markdown is parsed as the runner parses it. */
function readReferences(processor: Processor): void {
  const { parser } = processor
  if (!parser) return
  processor.parser = (text, file) => parser(file.path?.endsWith('.mdx') ? text : withAddresses(text), file)
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
  const { steps, nodes, diagnostics: all } = extract(tree, String(file.value), name, kinds)
  // A page of the documentation shows commands that nobody runs from there.
  const diagnostics = slug !== undefined ? all : all.filter(({ code }) => code !== 'not-a-step')
  if (hasErrors(diagnostics)) throw new Error(describeAll(sortByPlace(diagnostics)))
  const inputs = (file.data.astro?.frontmatter?.['inputs'] ?? {}) as Record<string, InputSpec>
  // An example of the documentation is never run, and a run begins at the first step anyhow.
  const lineOf = ({ id }: Step): TerminalLine | undefined =>
    slug !== undefined && id !== steps[0]?.id ? terminalLine(slug, inputs, id) : undefined
  if (slug !== undefined) markTemplates(tree, fillable(inputs))
  const most = mostLines(steps.length)
  for (const [step, node] of nodes) toCard(node, { step, inputs: fillable(inputs), most, line: lineOf(step) })
  return steps
}

/** The inputs whose values the page may show: all but secrets. */
function fillable(inputs: Readonly<Record<string, InputSpec>>): string[] {
  return Object.keys(inputs).filter((name) => inputs[name]?.type !== 'secret')
}

interface CardOf {
  step: Step
  inputs: string[]
  /** Most lines of a script that the card shows. */
  most: number
  line: TerminalLine | undefined
}

function toCard(node: MdxJsxFlowElement, { step, inputs, most, line }: CardOf): void {
  const data = JSON.stringify({ step: plannedFrom(step), inputs, most, line })
  node.name = 'Step'
  node.attributes = [{ type: 'mdxJsxAttribute', name: 'data', value: data }]
  const heading = headingOf(step)
  markTemplates(heading, inputs)
  const room = step.fences.length > 0 ? roomAbove : roomAlone
  const { shown, folded } = divideProse(withoutFences(node.children), room)
  const parts = { lead: shown, rest: folded }
  const slots = Object.entries(parts).flatMap(([slot, blocks]) =>
    blocks.length > 0 ? [slotted(slot, blocks)] : [],
  )
  node.children = [heading, ...slots] as MdxJsxFlowElement['children']
}

/** Characters of prose that a card shows: a line above a command, more where it has none. */
const [roomAbove, roomAlone] = [120, 400]

function slotted(slot: string, children: RootContent[]): MdxJsxFlowElement {
  const attributes = [
    { type: 'mdxJsxAttribute' as const, name: 'slot', value: slot },
    { type: 'mdxJsxAttribute' as const, name: 'class', value: slot === 'lead' ? 'does' : 'why' },
  ]
  return { type: 'mdxJsxFlowElement', name: 'div', attributes, children: children as never }
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

function isExample(node: Code): boolean {
  return /^example\b/.test(node.meta ?? '')
}

function pruned<T extends Nodes>(node: T): T {
  if ('children' in node)
    node.children = withoutFences(node.children as RootContent[]) as typeof node.children
  return node
}
