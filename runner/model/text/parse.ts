import type { Node, Nodes, Root } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkMdx from 'remark-mdx'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import type { Processor } from 'unified'
import { VFileMessage } from 'vfile-message'
import { isTooDeep, tooDenseAt } from './text-limits.ts'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import { showTags } from './shown-tags.ts'

/** A paragraph that no parser ends on in reasonable time. */
export class TooDense extends RangeError {
  readonly line: number

  constructor(line: number) {
    super('too many marks in a paragraph')
    this.line = line
  }
}

const markdown = unified().use(remarkParse).use(remarkGfm)
const mdx = unified().use(remarkParse).use(remarkGfm).use(remarkMdx)
const parsers = {
  markdown: { any: markdown().freeze(), withoutMail: markdown().use(leaveOutMail).freeze() },
  mdx: { any: mdx().freeze(), withoutMail: mdx().use(leaveOutMail).freeze() },
}

/** GFM looks for an address of mail at each letter, a third of the time of parsing. A text without `@` has none. */
function leaveOutMail(this: Processor): void {
  const data = this.data()
  data.micromarkExtensions = (data.micromarkExtensions ?? []).map((extension) => ({
    ...extension,
    text: Object.fromEntries(
      Object.entries(extension.text ?? {})
        .map(([code, constructs]) => [code, [constructs ?? []].flat().filter(isNotMail)] as const)
        .filter(([, constructs]) => constructs.length > 0),
    ),
  }))
}

function isNotMail({ name }: { name?: string | undefined }): boolean {
  return name !== 'emailAutolink'
}

function parserOf(format: keyof typeof parsers, body: string): Pick<Processor<Root>, 'parse'> {
  return parsers[format][body.includes('@') ? 'any' : 'withoutMail']
}

/** Parses the body of a Markdown document (frontmatter already blanked). Every text is Markdown. */
export function parseMarkdown(body: string): Root {
  refuseEndless(body)
  const tree = parserOf('markdown', body).parse(body)
  showTags(tree)
  return tree
}

/**
 * Parses the body of an MDX document (frontmatter already blanked) to the tree that Astro's MDX pipeline hands to
 * remark plugins, position by position.
 */
export function parseMdx(body: string, file: string): { tree: Root } | { problem: Diagnostic } {
  refuseEndless(body)
  try {
    const tree = parserOf('mdx', body).parse(body)
    unravel(tree)
    return { tree }
  } catch (error) {
    if (!(error instanceof VFileMessage)) throw error
    return { problem: syntaxProblem(error, file, body) }
  }
}

/** Text that no parser finishes in reasonable time is refused before parsing. */
function refuseEndless(body: string): void {
  if (isTooDeep(body)) throw new RangeError('nested too deeply')
  const dense = body.length > 4_000 ? tooDenseAt(body) : undefined
  if (dense !== undefined) throw new TooDense(dense)
}

function syntaxProblem(error: VFileMessage, file: string, body: string): Diagnostic {
  const place = {
    file,
    ...(error.line === undefined
      ? placeInWords(error.reason)
      : { line: error.line, column: error.column ?? 1 }),
  }
  const message = error.reason.replace(/\s*\(\d+:\d+(-\d+:\d+)?\)/g, '').split('\n')[0] ?? error.reason
  const line = body.split('\n')[place.line - 1] ?? ''
  return diagnostic('invalid-syntax', place, message.replace(/\.$/, ''), { hint: syntaxHint(message, line) })
}

/** An element that is never closed has its place only in the words of the message: `(7:1-7:31)`. */
function placeInWords(reason: string): Pick<Place, 'line' | 'column'> {
  const [, line, column] = /\((\d+):(\d+)-/.exec(reason) ?? []
  return { line: Number(line ?? 1), column: Number(column ?? 1) }
}

function syntaxHint(message: string, line: string): string {
  const template = /\$\{\{[^{}\n]*\}\}/.exec(line)?.[0]
  if (template !== undefined && /expression|acorn/.test(message))
    return `Put \`${template}\` in backticks: braces of a text are JavaScript in MDX.`
  if (message.includes('`#`') || /\{#/.test(message))
    return 'Write `<a id="name"></a>` for an anchor of your own.'
  if (message.includes('`!`')) return 'Write a comment as {/* … */}; MDX has no HTML comments.'
  if (/closing tag|end of file/.test(message))
    return 'Close the element, or write `\\<` if the text means a plain `<`.'
  if (/expression|acorn/.test(message)) return 'Write `\\{` if the text means a plain brace.'
  return 'Write `\\<` or put the text in backticks if it is not an element.'
}

/**
 * MDX lifts a paragraph that holds nothing but JSX out of the paragraph (remark-mark-and-unravel); plain
 * remark-mdx does not, so the same lift is done here.
 */
function unravel(parent: Nodes): void {
  if (!('children' in parent)) return
  const children: Node[] = []
  for (const child of parent.children as Nodes[]) {
    if (child.type === 'paragraph' && isOnlyJsx(child)) {
      for (const inner of child.children) {
        if (inner.type === 'text') continue
        children.push(toFlow(inner))
      }
    } else {
      children.push(child)
    }
  }
  ;(parent as { children: Node[] }).children = children
  for (const child of parent.children) unravel(child)
}

function isOnlyJsx(paragraph: Extract<Nodes, { type: 'paragraph' }>): boolean {
  let jsx = false
  for (const child of paragraph.children) {
    if (child.type === 'mdxJsxTextElement' || child.type === 'mdxTextExpression') jsx = true
    else if (child.type !== 'text' || /[^\t\r\n ]/.test(child.value)) return false
  }
  return jsx
}

function toFlow(node: Nodes): Node {
  if (node.type === 'mdxJsxTextElement') return { ...node, type: 'mdxJsxFlowElement' }
  if (node.type === 'mdxTextExpression') return { ...node, type: 'mdxFlowExpression' }
  return node
}
