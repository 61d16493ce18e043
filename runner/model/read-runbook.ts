import { createHash } from 'node:crypto'
import type { Root } from 'mdast'
import { decode } from './text/decode-document.ts'
import { diagnostic, hasErrors, sortByPlace } from './diagnostic.ts'
import type { Diagnostic } from './diagnostic.ts'
import { extract } from './steps/extract.ts'
import type { Extraction } from './steps/extract.ts'
import {
  isFrontmatter,
  readFrontmatter,
  readLooseFrontmatter,
  salvageMeta,
  splitFrontmatter,
} from './text/frontmatter.ts'
import type { Frontmatter } from './text/frontmatter.ts'
import type { Meta } from './meta.ts'
import type { KindSpec } from './steps/kind-spec.ts'
import { lint } from './text/text-lint.ts'
import { extractMarkdown } from './text/markdown.ts'
import type { MarkdownExtraction } from './text/markdown.ts'
import { headingAnchors, outlineOf, stepAnchors } from './text/outline.ts'
import type { Outline } from './text/outline.ts'
import { TooDense, parseMarkdown, parseMdx } from './text/parse.ts'
import { inputsOf, placeholderProblems } from './steps/placeholder-inputs.ts'
import { checkProse, checkReferences } from './steps/references.ts'
import type { Anchor, Runbook, Step } from './runbook.ts'
import { shownProblems } from './text/shown-tags.ts'
import { withAddresses } from './text/shortcodes.ts'
import { allIgnores, ignoreProblems, silence } from './text/silence.ts'
import { descendants } from './text/tree.ts'
import { contradictingPolicies } from './values/policies.ts'
import { lostVariables, upperCaseNames } from './steps/variables.ts'

export interface DocumentSource {
  /** Shown in messages: relative to the working directory, forward slashes. */
  file: string
  slug: string
  bytes: Uint8Array
  /** Default: `md` when the file's name ends in .md or .markdown. */
  format?: 'mdx' | 'md'
}

/** A document as read. */
export interface RunbookReading {
  /** Only when nothing in the document is an error: what may be run. */
  runbook?: Runbook
  /** The readable part of a document with errors: for links, lists and the page. */
  document: Runbook
  diagnostics: Diagnostic[]
  /** Where the document is MDX without errors of syntax: a page is made of it. */
  body?: Body
}

/** The parsed body of a document, and the steps that were found in it. */
export interface Body extends Extraction {
  tree: Root
}

/**
 * Documents are written by people; beyond these bytes it is a log or an export. The parser takes a second for so much,
 * and its time grows with the square of the length.
 */
const largest = 256 * 1024

interface Parts {
  meta?: Meta
  steps: Step[]
  anchors: Anchor[]
  outline: Outline
  diagnostics: Diagnostic[]
  body?: Body
}

const nothing: Parts = {
  steps: [],
  anchors: [],
  outline: { anchors: [], links: [], ignores: [] },
  diagnostics: [],
}

/** Reads a document into a runbook, with every finding about it. Pure: the bytes are all it looks at. Never throws. */
export function readRunbook(source: DocumentSource, kinds: readonly KindSpec[]): RunbookReading {
  const format = source.format ?? (/\.(?:md|markdown|mdown|mkdn?)$/i.test(source.file) ? 'md' : 'mdx')
  const { text, diagnostics } = decode(source.bytes, source.file)
  const parts = guarded(source, () =>
    format === 'md' ? readMarkdown(text, source) : readMdx(text, source, kinds),
  )
  const ignores = allIgnores(parts.meta, parts.outline.ignores)
  const all = silence(
    [...diagnostics, ...parts.diagnostics, ...lint(text, parts.steps, source.file)],
    ignores,
  )
  const document: Runbook = {
    slug: source.slug,
    file: source.file,
    format,
    sha256: createHash('sha256').update(source.bytes).digest('hex'),
    meta: parts.meta ?? { title: parts.outline.heading ?? nameOf(source) },
    steps: parts.steps,
    anchors: [...stepAnchors(parts.steps), ...parts.outline.anchors, ...parts.anchors],
    links: parts.outline.links,
    ignores,
  }
  const sorted = sortByPlace(all)
  return {
    ...(parts.meta && !hasErrors(sorted) ? { runbook: document } : {}),
    document,
    diagnostics: sorted,
    ...(parts.body ? { body: parts.body } : {}),
  }
}

/** Reading a document always ends in findings, for any content. */
function guarded(source: DocumentSource, read: () => Parts): Parts {
  const start = { file: source.file, line: 1, column: 1 }
  if (source.bytes.length > largest) {
    const size = `${Math.round(source.bytes.length / 1024)} kB`
    return {
      ...nothing,
      diagnostics: [
        diagnostic('too-large', start, `Unexpected file of ${size}, expected at most ${largest / 1024} kB`, {
          hint: 'Split it into several documents.',
        }),
      ],
    }
  }
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    if (error instanceof TooDense) return { ...nothing, diagnostics: [tooDense(error, source.file)] }
    return {
      ...nothing,
      diagnostics: [
        diagnostic('too-deep', start, 'Unexpected depth of nesting, expected less', {
          hint: 'Flatten the lists, quotes or elements.',
        }),
      ],
    }
  }
}

function tooDense({ line }: TooDense, file: string): Diagnostic {
  return diagnostic(
    'too-large',
    { file, line, column: 1 },
    'Unexpected paragraph with thousands of marks, expected text',
    { hint: 'Put a log or data into a fence: begin it with ```text.' },
  )
}

function readMdx(text: string, { file }: DocumentSource, kinds: readonly KindSpec[]): Parts {
  const { yaml, body } = splitFrontmatter(text)
  const frontmatter = readFrontmatter(yaml, file)
  const parsed = parseMdx(body, file)
  if ('problem' in parsed)
    return { ...nothing, ...metaOf(frontmatter), diagnostics: [...frontmatter.diagnostics, parsed.problem] }
  const extraction = extract(parsed.tree, text, file, kinds)
  const { steps, diagnostics } = extraction
  const outline = outlineOf(parsed.tree, file)
  const reserved = stepAnchors(steps).map(({ name }) => name)
  const anchors = [...headingAnchors(descendants(parsed.tree, 'heading'), reserved, file).values()].flat()
  const all = [...frontmatter.diagnostics, ...diagnostics]
  // A wrong field must not hide what is wrong with the steps.
  const meta = frontmatter.meta ?? salvageMeta(yaml, file)
  all.push(
    ...checkReferences(meta, steps, frontmatter.locate),
    ...checkProse(parsed.tree, meta, steps, file),
    ...lostVariables(steps, meta),
    ...upperCaseNames(steps, meta),
    ...contradictingPolicies(steps),
  )
  all.push(...ignoreProblems(frontmatter.meta, frontmatter.locate, outline.ignores, file))
  if (steps.length === 0 && !hasErrors(all)) all.push(noSteps(file))
  const content = { tree: parsed.tree, ...extraction }
  return { ...metaOf(frontmatter), steps, anchors, outline, diagnostics: all, body: content }
}

function metaOf(frontmatter: Frontmatter): { meta?: Meta } {
  return frontmatter.meta ? { meta: frontmatter.meta } : {}
}

function readMarkdown(text: string, source: DocumentSource): Parts {
  const { file } = source
  const split = splitFrontmatter(text)
  const { yaml, body } =
    split.yaml !== undefined && isFrontmatter(split.yaml) ? split : { yaml: undefined, body: text }
  const tree = parseMarkdown(withAddresses(body))
  const outline = outlineOf(tree, file)
  const frontmatter = readLooseFrontmatter(yaml, file, outline.heading || nameOf(source))
  const read = extractMarkdown(tree, text, file, frontmatter.meta.title)
  const meta = { ...frontmatter.meta, ...inputsOf(frontmatter.meta, read.placeholders) }
  const diagnostics = [
    ...frontmatter.diagnostics,
    ...read.diagnostics,
    ...placeholderProblems(frontmatter.meta, read.placeholders),
  ]
  diagnostics.push(...ignoreProblems(frontmatter.meta, frontmatter.locate, outline.ignores, file))
  diagnostics.push(
    ...lostVariables(read.steps, meta),
    ...upperCaseNames(read.steps, meta),
    ...shownProblems(tree, file),
  )
  if (read.steps.length === 0) diagnostics.push(proseOnly(file, read, tree))
  return { meta, steps: read.steps, anchors: read.anchors, outline, diagnostics }
}

function nameOf({ file, slug }: DocumentSource): string {
  return (file.split('/').at(-1) ?? slug).replace(/\.[a-z]+$/i, '') || slug
}

function noSteps(file: string): Diagnostic {
  return diagnostic(
    'no-steps',
    { file, line: 1, column: 1 },
    'Unexpected document without steps, expected at least one',
    {
      hint: 'Add a step such as <Command id="…" title="…"> with a bash fence inside.',
    },
  )
}

function proseOnly(file: string, read: MarkdownExtraction, tree: Root): Diagnostic {
  const code = descendants(tree, 'code').length
  const hint =
    code > 0 || read.diagnostics.length > 0
      ? 'Write `bash` after the backticks of a fence that should run; the page is published unchanged.'
      : 'The page is published unchanged; add a bash fence if something should run.'
  return diagnostic(
    'prose-only',
    { file, line: 1, column: 1 },
    'Unexpected document without shell fences, nothing in it can be run',
    { hint },
  )
}
