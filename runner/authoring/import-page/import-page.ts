import type { Code, Nodes } from 'mdast'
import { stringify } from 'yaml'
import type { Step } from '../../model/runbook.ts'
import { inputsOf } from '../../model/steps/placeholder-inputs.ts'
import { decode } from '../../model/text/decode-document.ts'
import { isFrontmatter, readLooseFrontmatter, splitFrontmatter } from '../../model/text/frontmatter.ts'
import { extractMarkdown } from '../../model/text/markdown.ts'
import type { MarkdownExtraction } from '../../model/text/markdown.ts'
import { headingAnchors, headingText } from '../../model/text/outline.ts'
import { parseMarkdown } from '../../model/text/parse.ts'
import { withAddresses } from '../../model/text/shortcodes.ts'
import { descendants, walk } from '../../model/text/tree.ts'
import type { InputSpec } from '../../model/values/input-types.ts'
import { applyEdits } from '../edit.ts'
import { DraftNames } from '../formats/draft-names.ts'
import type { Imported } from '../formats/draft.ts'
import type { FenceAnnotation } from '../formats/fence-annotations.ts'
import { withReviewFields } from '../formats/review-fields.ts'
import { convertCode, readAsText, renameToText, stepElement } from './convert-code.ts'
import { convertHtml, nodesAfterLists } from './convert-html.ts'
import { joinTables } from './convert-tables.ts'
import { convertTaskLists } from './convert-tasks.ts'
import { convertAddress, convertHeading, escapeText } from './convert-words.ts'
import { droppedNotes, foreignCodeNotes, htmlNotes, unreadCode, unsetNotes } from './import-notes.ts'
import { replace } from './page-work.ts'
import type { Readdressed, Work } from './page-work.ts'
import { scriptNotes } from './script-notes.ts'

interface ImportOptions {
  /** Gives the address of a link or an image where the result will lie. Default: as it is written. */
  readdress?: (url: string) => Readdressed
  /** The words of a dialect about fences, by their lines. */
  fences?: ReadonlyMap<number, FenceAnnotation>
  inputs?: Readonly<Record<string, InputSpec>>
  /** Fields of the frontmatter that the caller reads itself. Default: none. */
  ownFields?: readonly string[]
}

/** Turns a plain Markdown runbook into MDX: the same words and anchors, each shell fence and each task list a step. */
export function importMarkdown(
  bytes: Uint8Array,
  file: string,
  name: string,
  { readdress = (url) => ({ url }), fences = new Map(), inputs = {}, ownFields = [] }: ImportOptions = {},
): Imported {
  const { text } = decode(bytes, file)
  const unix = text.replaceAll(/\r\n?/g, '\n').replaceAll('\0', '')
  const split = splitFrontmatter(unix)
  const { yaml, body } =
    split.yaml !== undefined && isFrontmatter(split.yaml)
      ? { yaml: withReviewFields(split.yaml), body: split.body }
      : { yaml: undefined, body: unix }
  const tree = parseMarkdown(withAddresses(body))
  joinTables(tree, body)
  const first = descendants(tree, 'heading').find(({ depth }) => depth === 1)
  const title = (first ? headingText(first).text : '') || name
  const { meta } = readLooseFrontmatter(yaml, file, title)
  const texts = readAsText(tree)
  const read = extractMarkdown(tree, unix, file, meta.title)
  const anchors = headingAnchors(descendants(tree, 'heading'), [], file)
  const names = new Map<Nodes, string | undefined>(
    [...anchors].map(([heading, own]) => [heading, own.find(({ kind }) => kind === 'heading')?.name]),
  )
  const work: Work = {
    source: unix,
    fences,
    edits: [],
    notes: [],
    html: [],
    names,
    texts,
    afterLists: nodesAfterLists(tree),
    stepIds: new Set(read.steps.map(({ id }) => id)),
    readdress,
    ids: new DraftNames(),
    others: 0,
  }
  const steps = new Map<Nodes, Step>([...read.nodes].map(([step, node]) => [node, step]))
  for (const { id } of read.steps) work.ids.id(id)
  for (const anchor of names.values()) if (anchor !== undefined) work.ids.id(anchor)
  for (const node of walk(tree)) convert(node, steps, work)
  convertTaskLists(tree.children, meta.title, work)
  const converted = applyEdits(body, work.edits).replace(/^\s+/, '')
  const whole = {
    ...meta,
    ...inputsOf(
      {
        ...meta,
        ...(Object.keys(inputs).length > 0 || meta.inputs ? { inputs: { ...meta.inputs, ...inputs } } : {}),
      },
      read.placeholders,
    ),
  }
  const { head, dropped } = frontmatterOf(yaml, whole, read)
  work.notes.push(...htmlNotes(work.html))
  work.notes.push(...unsetNotes(read.steps, whole))
  work.notes.push(...scriptNotes(read.steps))
  work.notes.push(...droppedNotes(dropped.filter((field) => !ownFields.includes(field))))
  return {
    text: `---\n${head}---\n\n${converted}`,
    steps: read.steps.length + work.others,
    byHand: 0,
    notes: work.notes.toSorted((a, b) => a.line - b.line),
    unread: [...unreadCode(tree, read, fences), ...foreignCodeNotes(tree)].toSorted(
      (a, b) => a.line - b.line,
    ),
  }
}

function frontmatterOf(
  yaml: string | undefined,
  meta: object,
  read: MarkdownExtraction,
): { head: string; dropped: string[] } {
  const inputs = (meta as { inputs?: Record<string, { required?: boolean }> }).inputs
  const declared = Object.entries(inputs ?? {}).map(([name, spec]) => {
    if (!read.placeholders.has(name)) return [name, spec]
    const { required: _, ...rest } = spec
    return [name, rest]
  })
  const fields = { ...meta, ...(inputs ? { inputs: Object.fromEntries(declared) as object } : {}) }
  const fieldNames =
    yaml === undefined
      ? []
      : [...yaml.matchAll(/^(["']?)([\w$@/.-]+)\1\s*:(?=\s|$)/gm)].map((match) => match[2] ?? '')
  return {
    head: stringify(fields, { lineWidth: 0 }),
    dropped: fieldNames.filter((field) => !Object.hasOwn(fields, field)),
  }
}

function convert(node: Nodes, steps: ReadonlyMap<Nodes, Step>, work: Work): void {
  const step = steps.get(node)
  if (step) return replace(node, stepElement(node as Code, step, work), work)
  const reason = work.texts.get(node)
  if (reason !== undefined) return renameToText(node as Code, reason, work)
  if (node.type === 'code') return convertCode(node, work)
  if (node.type === 'html') return convertHtml(node, work)
  if (node.type === 'text') return escapeText(node, work)
  if (node.type === 'link' || node.type === 'definition' || node.type === 'image')
    return convertAddress(node, work)
  if (node.type === 'heading') return convertHeading(node, work)
}
