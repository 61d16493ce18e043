import { decode } from './decode-document.ts'
import { extract } from '../steps/extract.ts'
import { isFrontmatter, splitFrontmatter } from './frontmatter.ts'
import type { KindSpec } from '../steps/kind-spec.ts'
import { extractMarkdown } from './markdown.ts'
import { parseMarkdown, parseMdx } from './parse.ts'
import type { Runbook } from '../runbook.ts'

/** A stretch of a document: words as written, or the step of an id. */
export type Part = { text: string } | { step: string }

/** The text of a document with its frontmatter blanked, so that places stay where they are. */
export function bodyOf(text: string, format: Runbook['format']): string {
  const { yaml, body } = splitFrontmatter(text)
  return yaml !== undefined && (format === 'mdx' || isFrontmatter(yaml)) ? body : text
}

/** A document cut at its steps, in order. `bytes` are those that `runbook` was read from. */
export function documentParts(bytes: Uint8Array, runbook: Runbook, kinds: readonly KindSpec[]): Part[] {
  const { text } = decode(bytes, runbook.file)
  const body = bodyOf(text, runbook.format)
  const parts: Part[] = []
  let at = 0
  for (const { id, from, to } of stepsIn(body, text, runbook, kinds)) {
    parts.push({ text: body.slice(at, from) }, { step: id })
    at = to
  }
  return [...parts, { text: body.slice(at) }].filter((part) => 'step' in part || part.text.trim() !== '')
}

function stepsIn(
  body: string,
  text: string,
  { format, file, meta }: Runbook,
  kinds: readonly KindSpec[],
): { id: string; from: number; to: number }[] {
  if (format === 'md') return ranges(extractMarkdown(parseMarkdown(body), text, file, meta.title).nodes)
  const parsed = parseMdx(body, file)
  return 'problem' in parsed ? [] : ranges(extract(parsed.tree, text, file, kinds).nodes)
}

interface Positioned {
  position?: { start: { offset?: number | undefined }; end: { offset?: number | undefined } } | undefined
}

function ranges(nodes: ReadonlyMap<{ id: string }, Positioned>): { id: string; from: number; to: number }[] {
  return [...nodes].map(([{ id }, { position }]) => ({
    id,
    from: position?.start.offset ?? 0,
    to: position?.end.offset ?? 0,
  }))
}
