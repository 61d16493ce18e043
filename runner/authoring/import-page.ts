import type { Code, Definition, Heading, Html, Image, Link, List, Nodes, Root, Text } from 'mdast'
import { stringify } from 'yaml'
import { decode } from '../model/text/decode-document.ts'
import { decodeUri } from '../model/text/decode-uri.ts'
import { fenceMarks } from '../model/text/fence-marks.ts'
import { isFrontmatter, readLooseFrontmatter, splitFrontmatter } from '../model/text/frontmatter.ts'
import { extractMarkdown } from '../model/text/markdown.ts'
import type { MarkdownExtraction } from '../model/text/markdown.ts'
import { isExample } from '../model/text/shell/not-run.ts'
import { headingAnchors, headingText } from '../model/text/outline.ts'
import { parseMarkdown } from '../model/text/parse.ts'
import { inputsOf } from '../model/steps/placeholder-inputs.ts'
import type { Fence, Step } from '../model/runbook.ts'
import { hasPrompt } from '../model/text/shell/session.ts'
import { shellFence } from '../model/text/shell/shell-fence.ts'
import { withAddresses } from '../model/text/shortcodes.ts'
import { isShown } from '../model/text/shown-tags.ts'
import { commentText, descendants, walk } from '../model/text/tree.ts'
import { language } from '../model/steps/languages.ts'
import type { InputSpec } from '../model/values/input-types.ts'
import { applyEdits } from './edit.ts'
import type { Edit } from './edit.ts'
import { droppedNotes, htmlNotes, unreadCode, unsetNotes } from './import-notes.ts'
import type { DroppedTag } from './import-notes.ts'
import { isQuery, scriptNotes } from './script-notes.ts'
import { DraftNames } from './formats/draft-names.ts'
import { escapeMdx, openingTag } from './formats/draft.ts'
import type { Imported, ImportNote } from './formats/draft.ts'
import type { FenceAnnotation } from './formats/fence-annotations.ts'
import { withReviewFields } from './formats/review-fields.ts'

interface ImportOptions {
  /** Gives the address of a link or an image as it must be where the result will lie. Default: as it is written. */
  readdress?: (url: string) => string
  /** The words of a dialect about fences, by their lines. */
  fences?: ReadonlyMap<number, FenceAnnotation>
  inputs?: Readonly<Record<string, InputSpec>>
  /** Fields of the frontmatter that the caller reads itself. Default: none. */
  ownFields?: readonly string[]
}

interface Work {
  source: string
  fences: ReadonlyMap<number, FenceAnnotation>
  edits: Edit[]
  notes: ImportNote[]
  /** Of the steps that Markdown does not have. */
  ids: DraftNames
  others: number
  /** The tags that were not kept. */
  html: DroppedTag[]
  /** The address of each heading. */
  names: ReadonlyMap<Nodes, string | undefined>
  /** Fences of a shell that hold a query. */
  queries: ReadonlySet<Nodes>
  stepIds: ReadonlySet<string>
  /** Elements that end a list. */
  afterLists: ReadonlySet<Nodes>
  readdress: (url: string) => string
}

/** Turns a plain Markdown runbook into MDX: the same words and anchors, each shell fence and each task list a step. */
export function importMarkdown(
  bytes: Uint8Array,
  file: string,
  name: string,
  { readdress = (url) => url, fences = new Map(), inputs = {}, ownFields = [] }: ImportOptions = {},
): Imported {
  const { text } = decode(bytes, file)
  const unix = text.replaceAll(/\r\n?/g, '\n').replaceAll('\0', '')
  const split = splitFrontmatter(unix)
  const { yaml, body } =
    split.yaml !== undefined && isFrontmatter(split.yaml)
      ? { yaml: withReviewFields(split.yaml), body: split.body }
      : { yaml: undefined, body: unix }
  const tree = parseMarkdown(withAddresses(body))
  const first = descendants(tree, 'heading').find(({ depth }) => depth === 1)
  const title = (first ? headingText(first).text : '') || name
  const { meta } = readLooseFrontmatter(yaml, file, title)
  const queries = readAsText(tree)
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
    queries,
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
    unread: unreadCode(tree, read, fences),
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
  if (work.queries.has(node)) return renameToText(node as Code, work)
  if (node.type === 'code') return convertCode(node, work)
  if (node.type === 'html') return convertHtml(node, work)
  if (node.type === 'text') return escapeText(node, work)
  if (node.type === 'link' || node.type === 'definition' || node.type === 'image')
    return convertAddress(node, work)
  if (node.type === 'heading') return convertHeading(node, work)
}

function replace(node: Nodes, text: string, work: Work): void {
  const [from, to] = range(node)
  work.edits.push({ from, to, text })
}

function range(node: Nodes): [number, number] {
  return [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
}

/** The prefix of the lines of a block: quotes stay quotes, list markers become indentation. */
function prefixOf(node: Nodes, source: string): string {
  const [from] = range(node)
  const line = source.slice(source.lastIndexOf('\n', from - 1) + 1, from)
  return line.replaceAll(/[^>\t ]/g, ' ')
}

function block(lines: readonly string[], prefix: string): string {
  return lines.map((line, index) => (index === 0 ? line : `${prefix}${line}`.trimEnd())).join('\n')
}

function stepElement(node: Code, step: Pick<Step, 'fences' | 'id' | 'title'>, work: Work): string {
  const fence = step.fences[0]
  const { title: named, attributes = {}, before = [] } = work.fences.get(node.position?.start.line ?? 0) ?? {}
  const script = (fence?.code ?? '')
    .replaceAll(/"\$\{(\w+):\?\}"/g, '"$$$1"')
    .replaceAll(/\$\{(\w+):\?\}/g, '$${$1}')
  const code = [...before, script].join('\n')
  const ticks = fenceMarks(`${code}\n${node.value}`)
  const opening = openingTag('Command', { id: step.id, title: named ?? step.title, ...attributes })
  const shown = outputOf(node, fence)
  const output = shown.length > 0 ? ['', `${ticks}text example`, ...shown, ticks] : []
  return block(
    [
      opening,
      '',
      `${ticks}${fence?.lang ?? 'bash'}`,
      ...code.split('\n'),
      ticks,
      ...output,
      '',
      '</Command>',
    ],
    prefixOf(node, work.source),
  )
}

/** A task list becomes a checklist named after its heading, which a run asks for; one that it cannot be is a note. */
function convertTaskLists(nodes: readonly Nodes[], title: string, work: Work): void {
  let heading = title
  for (const node of nodes) {
    if (node.type === 'heading') heading = headingText(node).text || heading
    if (node.type !== 'list' || !node.children.some(({ checked }) => typeof checked === 'boolean')) continue
    if (!isTaskList(node)) {
      work.notes.push({
        line: node.position?.start.line ?? 1,
        message:
          'a list of tasks and other items, or of tasks with parts, stays text; a run does not ask for its tasks',
      })
      continue
    }
    const [from, to] = range(node)
    const opening = openingTag('Checklist', { id: work.ids.id(`${heading} tasks`), title: heading })
    work.edits.push({ from, to: from, text: `${opening}\n\n` }, { from: to, to, text: '\n\n</Checklist>' })
    for (const item of node.children) if (item.checked === true) untick(item, work)
    work.others += 1
  }
}

/** Whether each item is a task of plain words, in lines that begin at the margin. */
function isTaskList({ children, position }: List): boolean {
  return (
    position?.start.column === 1 &&
    children.every(
      ({ checked, children: [first, ...rest] }) =>
        typeof checked === 'boolean' && first?.type === 'paragraph' && rest.length === 0,
    )
  )
}

/** A task that is ticked in the source is open in each run. */
function untick(item: Nodes, work: Work): void {
  const [from] = range(item)
  const at = work.source.indexOf('[', from) + 1
  work.edits.push({ from: at, to: at + 1, text: ' ' })
}

/** The text of a session beside its commands: the output after the last one, or the whole session when output comes between. */
function outputOf(node: Code, fence: Fence | undefined): string[] {
  if (!fence?.lines) return []
  const lines = node.value.split('\n')
  const commands = new Set(fence.lines.map((line) => line - fence.place.line))
  const rest = [...lines.keys()].filter((index) => !commands.has(index) && lines[index]?.trim() !== '')
  if (rest.length === 0) return []
  const last = Math.max(...commands)
  return (rest[0] ?? 0) > last ? lines.slice(last + 1) : lines
}

/** MDX has no indented code: it gets a fence. */
function convertCode(node: Code, work: Work): void {
  const [from] = range(node)
  const annotation = work.fences.get(node.position?.start.line ?? 0)
  if (
    annotation?.runs === true &&
    !isExample(node) &&
    language(node.lang ?? '') !== undefined &&
    node.value.trim() !== ''
  ) {
    const title = annotation.title ?? `Run the ${node.lang} script`
    const fence = { role: 'main', lang: node.lang ?? '', code: node.value } as Fence
    work.others += 1
    return replace(node, stepElement(node, { id: work.ids.id(title), title, fences: [fence] }, work), work)
  }
  if (/^(`{3,}|~{3,})/.test(work.source.slice(from, from + 3))) {
    if (shellFence(node) && !isExample(node)) keepAsExample(node, work)
    return
  }
  const ticks = fenceMarks(node.value)
  replace(node, block([`${ticks}text`, ...node.value.split('\n'), ticks], prefixOf(node, work.source)), work)
}

/** A shell fence that is not a step in Markdown, empty or in a comment, does not become one. */
function keepAsExample(node: Code, work: Work): void {
  const [from] = range(node)
  const line = work.source.slice(from).split('\n', 1)[0] ?? ''
  const at = from + line.indexOf(node.lang ?? '') + (node.lang?.length ?? 0)
  work.edits.push({ from: at, to: at, text: ' example' })
  work.notes.push({
    line: node.position?.start.line ?? 1,
    message: 'a shell fence that does not run was marked `example`',
  })
}

/** Without the element after it, a list would go on with the items of the next one. */
function nodesAfterLists(tree: Root): Set<Nodes> {
  const children = [tree, ...walk(tree)].map((node): Nodes[] => ('children' in node ? node.children : []))
  return new Set(
    children.flatMap((all) => all.filter(({ type }, at) => type === 'html' && all[at - 1]?.type === 'list')),
  )
}

/** Fences of a shell with a query become text: no shell could run them. */
function readAsText(tree: Root): Set<Nodes> {
  const queries = descendants(tree, 'code').filter(
    (node) => shellFence(node) && !isExample(node) && !hasPrompt(node.value) && isQuery(node.value),
  )
  for (const node of queries) node.lang = 'text'
  return new Set(queries)
}

function renameToText(node: Code, work: Work): void {
  const [from] = range(node)
  const [, marks = '', info = ''] = /^([`~]+)([^\n]*)/.exec(work.source.slice(from)) ?? []
  work.edits.push({ from: from + marks.length, to: from + marks.length + info.length, text: 'text' })
  work.notes.push({
    line: node.position?.start.line ?? 1,
    message: `a fence of \`${info.trim()}\` holds a query and became text`,
  })
}

const kept = /^<\/?(?:details|summary|kbd|sub|sup)(?:\s+open)?\s*>$/i
/** Markup that only changes the look or the place of words. */
const looks =
  /^<\/?(?:abbr|article|aside|b|big|button|center|cite|code|del|div|em|figcaption|figure|font|footer|header|i|ins|label|main|mark|nav|nobr|p|s|section|small|span|strike|strong|tt|u)(?:\s[^<>]*)?\/?>$/i

function convertHtml(node: Html, work: Work): void {
  const comment = commentText(node)
  const tags = node.value.split(/(<!--[\s\S]*?(?:-->|$)|<\/?[A-Za-z][^<>]*>)/)
  if (
    comment === undefined &&
    !node.value.includes('\n') &&
    tags.every((part) => part.trim() === '' || kept.test(part))
  )
    return
  const words = tags.map((part) => convertTag(part, node, work)).join('')
  const text = words.trim() === '' && work.afterLists.has(node) ? '{/* */}' : words
  const blocks = /<\/?details\b|<summary\b/.test(text)
  const prefix = prefixOf(node, work.source)
  replace(node, blocks ? spaced(text, node, work) : block(text.split('\n'), prefix), work)
}

/** An element that holds blocks stands on lines of its own in MDX, with empty lines around it. */
function spaced(text: string, node: Html, work: Work): string {
  const prefix = prefixOf(node, work.source)
  const apart = text.replaceAll(/<\/?details[^<>]*>|<summary>|<\/summary>/g, (tag) =>
    tag === '<summary>' ? `\n${tag}` : tag === '</summary>' ? `${tag}\n` : `\n${tag}\n`,
  )
  const lines = apart.split('\n').filter((line) => line.trim() !== '')
  const gap = `\n${prefix.trimEnd()}\n${prefix}`
  const [own = '', above = ''] = work.source.slice(0, range(node)[0]).split('\n').toReversed()
  const touches = /^[\t >]*$/.test(own) && /[^\t >]/.test(above)
  return (touches ? `\n${prefix}` : '') + lines.map((line) => line.trim()).join(gap)
}

function convertTag(part: string, node: Html, work: Work): string {
  if (part.startsWith('<!--')) return convertComment(part)
  if (kept.test(part)) return part.toLowerCase()
  if (/^<br\s*\/?>$/i.test(part)) return '<br />'
  if (/^<\/a>$/i.test(part)) return ''
  const anchor = attribute(part, 'id') ?? attribute(part, 'name')
  const named = anchor === undefined ? '' : `<a id="${anchor}"></a>`
  const element = /^<(details|summary|kbd|sub|sup)\s/i.exec(part)?.[1]?.toLowerCase()
  if (element === 'details') return `${named}\n<details${/\sopen\b/i.test(part) ? ' open' : ''}>`
  if (element !== undefined) return `<${element}>${named}`
  if (anchor !== undefined) return named
  const image = /^<img\s/i.test(part) ? attribute(part, 'src') : undefined
  if (image !== undefined) return `![${escapeMdx(attribute(part, 'alt') ?? '')}](${image})`
  const link = /^<a\s/i.test(part) ? attribute(part, 'href') : undefined
  if (link !== undefined) return `[${link}](${link}) `
  if (!part.startsWith('<')) return escapeMdx(part)
  const gone = looks.test(part)
  if (!gone || !part.startsWith('</')) work.html.push({ part, gone, line: node.position?.start.line ?? 1 })
  return gone ? '' : escapeMdx(part)
}

/** The value of an attribute in a tag as written. */
function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(
    `^<\\w+\\s[^<>]*?\\b${name}\\s*=\\s*(?:"([^"<>]+)"|'([^'<>]+)'|([^\\s"'<>]+))`,
    'i',
  ).exec(tag)
  return match?.[1] ?? match?.[2] ?? match?.[3]
}

function convertComment(comment: string): string {
  const inner = comment.replace(/^<!--/, '').replace(/-->$/, '')
  const anchor = /^\s*anchor:\s*(\S+)\s*$/.exec(inner)?.[1]
  if (anchor !== undefined) return `<a id="${anchor}"></a>`
  return `{/*${inner.replaceAll('*/', '*∕')}*/}`
}

function escapeText(node: Text, work: Work): void {
  const [from, to] = range(node)
  const original = work.source.slice(from, to)
  const atStart = node.position?.start.column === 1 ? /^(?:im|ex)port\b/.exec(original)?.[0] : undefined
  // At the start of a line these words are JavaScript to MDX; the first letter as a reference is the same text.
  const text =
    atStart === undefined
      ? escapeMdx(original)
      : `&#${original.charCodeAt(0)};${escapeMdx(original.slice(1))}`
  if (text !== original) work.edits.push({ from, to, text })
}

/** `<https://…>` is an element to MDX. */
function convertAddress(node: Link | Definition | Image, work: Work): void {
  const [from, to] = range(node)
  // A placeholder such as `http://HOST:PORT` leads nowhere, and is text.
  if (/^https?:/i.test(node.url) && !URL.canParse(node.url) && isBare(work.source, from))
    return replace(node, `\`${node.url}\``, work)
  if (work.source[from] === '<') {
    const words = escapeMdx(node.url.replace(/^mailto:/, ''))
    return replace(node, `[${words}](${node.url})`, work)
  }
  const text = work.source.slice(from, to)
  // A shortcode of Hugo is an expression to MDX.
  const shortcode =
    /(?:\{\{\s*site\.\w+\s*\}\})?(?:\{\{[<%][^}]*\}\}|\{%[^}]*%\}[^\s)]*)|\{\{\s*(?:site\.(?:base)?url|["'][^}]*)\s*\}\}[^\s)]*/.exec(
      text,
    )?.[0]
  const address = shortcode ?? node.url
  const url = work.readdress(plainAddress(node.url))
  const at = url === address ? -1 : text.lastIndexOf(address)
  if (at !== -1) work.edits.push({ from: from + at, to: from + at + address.length, text: url })
}

/** Whether the text at a place is an address by itself. */
function isBare(source: string, from: number): boolean {
  return source[from] === '<' || /^https?:/i.test(source.slice(from, from + 6))
}

/** An address whose scheme is encoded, as some generators of badges write it. */
function plainAddress(url: string): string {
  return /^https?%3a%2f%2f/i.test(url) ? (decodeUri(url) ?? url) : url
}

/** The address of a heading stays: an element before it has the name that MDX would not give it. */
function convertHeading(node: Heading, work: Work): void {
  const { explicit } = headingText(node)
  const name = explicit ?? (descendants(node, 'text').some(isShown) ? work.names.get(node) : undefined)
  if (name === undefined) return
  const [from, to] = range(node)
  // A step takes the name of its heading, and with it its address. Another heading has its own words as its name.
  const before =
    work.stepIds.has(name) || (explicit !== undefined && name === work.names.get(node))
      ? ''
      : block([`<a id="${name}"></a>`, '', ''], prefixOf(node, work.source))
  if (explicit === undefined) return void work.edits.push({ from, to: from, text: before })
  const text = work.source.slice(from, to).replace(/\s*\{#[^}]*\}\s*#*\s*$/, '')
  work.edits.push({ from, to, text: before + text })
}
