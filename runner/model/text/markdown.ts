import GithubSlugger from 'github-slugger'
import type { Code, Heading, Nodes, Parent, Root } from 'mdast'
import { codePlace, unixLines } from '../steps/step-body.ts'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import { commentProblem, htmlProblems, isExample, openComments, unmarkedProblems } from './shell/not-run.ts'
import { headingAnchors, headingText } from './outline.ts'
import { fillPlaceholders, findPlaceholders } from '../steps/placeholders.ts'
import type { Placeholder } from '../steps/placeholders.ts'
import { placeOf } from './place.ts'
import type { Anchor, Fence, Step } from '../runbook.ts'
import { hasPrompt, isPowerShell, lineBeforePrompt, readSession } from './shell/session.ts'
import { shellFence } from './shell/shell-fence.ts'
import type { ShellFence } from './shell/shell-fence.ts'
import { htmlOf } from './shown-tags.ts'
import { descendants } from './tree.ts'

export interface MarkdownExtraction {
  steps: Step[]
  /** The code block each step was read from, for the page that renders it. */
  nodes: Map<Step, Code>
  anchors: Anchor[]
  /** Inputs that placeholders stand for: `pod` for `<pod>`, with the place where each is first used. */
  placeholders: Map<string, { text: string; place: Place }>
  diagnostics: Diagnostic[]
}

interface Walk extends MarkdownExtraction {
  file: string
  source: string
  title: string
  headings: Map<Heading, Anchor[]>
  heading: Heading | undefined
  phase: string | undefined
  /** Names that a step may not take: of anchors, and of the steps so far. */
  names: Set<string>
  ids: Set<string>
  /** Steps under the current heading. */
  under: Step[]
  comments: [number, number][]
}

/**
 * Finds the steps of a plain Markdown tree: every shell fence at any depth, named after its heading. The runner and
 * the site both call this. `title` names the steps that stand before any heading.
 */
export function extractMarkdown(tree: Root, source: string, file: string, title: string): MarkdownExtraction {
  const headings = headingAnchors(descendants(tree, 'heading'), [], file)
  const anchors = [...headings.values()].flat()
  const walk: Walk = {
    steps: [],
    nodes: new Map(),
    anchors,
    placeholders: new Map(),
    diagnostics: [],
    file,
    source,
    title,
    headings,
    heading: undefined,
    phase: undefined,
    names: new Set(anchors.map(({ name }) => name)),
    ids: new Set(),
    under: [],
    comments: openComments(tree, source),
  }
  visitChildren(tree, walk)
  nameTitles(walk)
  return walk
}

function visitChildren(parent: Parent, walk: Walk): void {
  for (const [index, child] of (parent.children as Nodes[]).entries()) {
    if (child.type === 'heading') startSection(child, walk)
    else if (child.type === 'code') visitCode(child, parent, index, walk)
    else if (htmlOf(child) !== undefined)
      walk.diagnostics.push(...htmlProblems(htmlOf(child) ?? '', placeOf(child, walk.file)))
    else if ('children' in child) visitChildren(child, walk)
  }
}

function startSection(heading: Heading, walk: Walk): void {
  nameTitles(walk)
  walk.heading = heading
  walk.under = []
  if (heading.depth === 2) walk.phase = headingText(heading).text
}

/** Steps that share a heading are told apart by a count. */
function nameTitles(walk: Walk): void {
  if (walk.under.length < 2) return
  for (const [index, step] of walk.under.entries()) {
    step.title = `${step.title} (${index + 1} of ${walk.under.length})`
    const title = step.attributes['title']
    if (title) title.value = step.title
  }
}

function visitCode(node: Code, parent: Parent, index: number, walk: Walk): void {
  const place = placeOf(node, walk.file)
  const shell = shellFence(node)
  if (!shell || node.value.trim() === '') walk.diagnostics.push(...unmarkedProblems(node, place))
  else if (insideComment(node, walk)) walk.diagnostics.push(commentProblem(place))
  else if (!isExample(node)) addStep(node, shell, proseBefore(parent, index, walk), walk)
}

function addStep(node: Code, shell: ShellFence, prose: string, walk: Walk): void {
  const fence = readFence(node, shell, walk)
  const id = uniqueId(walk)
  const title = walk.heading ? headingText(walk.heading).text || walk.title : walk.title
  const step: Step = {
    number: walk.steps.length + 1,
    id,
    kind: 'command',
    title,
    ...(walk.phase === undefined ? {} : { phase: walk.phase }),
    attributes: { id: { value: id, place: fence.place }, title: { value: title, place: fence.place } },
    fences: [fence],
    tasks: [],
    prose,
    place: placeOf(node, walk.file),
  }
  walk.ids.add(id)
  walk.under.push(step)
  walk.steps.push(step)
  walk.nodes.set(step, node)
}

/** The first step under a heading has the heading's own name, the others count on: an old link finds its step. */
function uniqueId(walk: Walk): string {
  const slug = walk.heading
    ? (walk.headings.get(walk.heading)?.find(({ kind }) => kind === 'heading')?.name ?? '')
    : new GithubSlugger().slug(walk.title)
  const base = asciiId(slug)
  const free = (id: string): boolean => !walk.ids.has(id) && !walk.names.has(id)
  if (walk.under.length === 0 && (free(base) || (base === slug && !walk.ids.has(base)))) return base
  for (let count = Math.max(2, walk.under.length + 1); ; count++) {
    if (free(`${base}-${count}`)) return `${base}-${count}`
  }
}

function asciiId(slug: string): string {
  const words = slug
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replaceAll(/^[-0-9]+|-+$/g, '')
  return words === '' ? 'step' : words
}

function readFence(node: Code, shell: ShellFence, walk: Walk): Fence {
  const place = codePlace(node, walk.file, walk.source)
  const text = unixLines(node.value)
  const session = shell.session || hasPrompt(text) ? readSession(text) : undefined
  if (isPowerShell(text) && !session) walk.diagnostics.push(otherShell(place))
  else if (shell.session && !session) walk.diagnostics.push(missingPrompt(place))
  const unread = session && !shell.session ? lineBeforePrompt(text) : undefined
  if (unread !== undefined) walk.diagnostics.push(unreadLine({ ...place, line: place.line + unread }))
  const [inner] = session?.inner ?? []
  if (inner !== undefined) walk.diagnostics.push(innerPrompt({ ...place, line: place.line + inner }))
  const commands = session?.code ?? text
  const placeholders = findPlaceholders(commands)
  const code = fillPlaceholders(commands, placeholders)
  const lines = session?.lines.map((line) => place.line + line)
  for (const placeholder of placeholders) notePlaceholder(placeholder, commands, place, lines, walk)
  return {
    role: 'main',
    lang: shell.lang,
    flags: [],
    code,
    ...(code === text ? {} : { written: text }),
    ...(lines ? { lines } : {}),
    place,
  }
}

function notePlaceholder(
  placeholder: Placeholder,
  code: string,
  place: Place,
  lines: number[] | undefined,
  walk: Walk,
): void {
  const { name, text, offset, context } = placeholder
  if (context === 'comment') return
  const before = code.slice(0, offset).split('\n')
  const line = before.length - 1
  const column = place.column + (before.at(-1)?.length ?? 0) + (lines ? 2 : 0)
  const number = lines?.[line] ?? place.line + line
  const at: Place = {
    file: walk.file,
    line: number,
    column,
    endLine: number,
    endColumn: column + text.length,
  }
  if (context === 'output') walk.diagnostics.push(outputLine(text, at))
  else if (context === 'raw') walk.diagnostics.push(stuckPlaceholder(text, at))
  else if (!walk.placeholders.has(name)) walk.placeholders.set(name, { text, place: at })
}

function stuckPlaceholder(text: string, place: Place): Diagnostic {
  return diagnostic(
    'placeholder-input',
    place,
    `Unexpected placeholder \`${text}\` in a quoted here-document, which does not expand values`,
    {
      hint: 'Run the step by hand, or remove the quotes around the word that ends the here-document.',
    },
  )
}

function outputLine(text: string, place: Place): Diagnostic {
  return diagnostic(
    'missing-prompt',
    place,
    `Unexpected output with \`${text}\` in a script, read as a command`,
    {
      hint: 'Move the output into a fence of `text`, or begin each command with `$ `.',
    },
  )
}

function unreadLine(place: Place): Diagnostic {
  return diagnostic('missing-prompt', place, 'Unexpected line before the first prompt, read as output', {
    hint: 'Begin it with a prompt too, or write no prompts at all in a script.',
  })
}

function innerPrompt(place: Place): Diagnostic {
  return diagnostic(
    'unrunnable-fence',
    place,
    'Unexpected prompt of a second shell, its command will not run',
    {
      hint: 'Give the command to the one that opens the shell, such as `kubectl exec POD -- COMMAND`, or write a fence of its own.',
    },
  )
}

function otherShell(place: Place): Diagnostic {
  return diagnostic('unrunnable-fence', place, 'Unexpected prompt of PowerShell, expected one of a shell', {
    hint: 'Name the language `powershell` and write a <Command> in an .mdx file, or mark the fence `example`.',
  })
}

function missingPrompt(place: Place): Diagnostic {
  return diagnostic('missing-prompt', place, 'Unexpected console fence without a prompt, read as commands', {
    hint: 'Begin each command with `$ `, or name the language `bash`, or `text` if it is only output.',
  })
}

/** The sentence that leads to a fence: what a person reads before the command. */
function proseBefore(parent: Parent, index: number, walk: Walk): string {
  const before = parent.children[index - 1] as Nodes | undefined
  if (before?.type !== 'paragraph') return ''
  return walk.source.slice(before.position?.start.offset ?? 0, before.position?.end.offset ?? 0)
}

function insideComment(node: Code, walk: Walk): boolean {
  const at = node.position?.start.offset ?? 0
  return walk.comments.some(([from, to]) => at > from && at < to)
}
