import { createHash } from 'node:crypto'
import { diagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts'
import type { Diagnostic } from './diagnostic.ts'
import { extract } from './extract.ts'
import { readFrontmatter, splitFrontmatter } from './frontmatter.ts'
import type { KindSpec } from './kind-spec.ts'
import { parseMdx } from './parse.ts'
import { checkReferences } from './references.ts'
import type { Runbook } from './runbook.ts'

export interface Source {
  /** Shown in messages: relative to the working directory, forward slashes. */
  file: string
  slug: string
  bytes: Uint8Array
}

/** A document as read: the runbook only when nothing in it is an error. */
export interface Reading {
  runbook?: Runbook
  diagnostics: Diagnostic[]
}

/** Reads an MDX document into a runbook, with every finding about it. Pure: the bytes are all it looks at. */
export function readRunbook(source: Source, kinds: readonly KindSpec[]): Reading {
  const text = new TextDecoder().decode(source.bytes)
  const { yaml, body } = splitFrontmatter(text)
  const frontmatter = readFrontmatter(yaml, source.file)
  const parsed = parseMdx(body, source.file)
  if ('problem' in parsed)
    return { diagnostics: sortDiagnostics([...frontmatter.diagnostics, parsed.problem]) }
  const { steps, diagnostics } = extract(parsed.tree, text, source.file, kinds)
  const all = [...frontmatter.diagnostics, ...diagnostics]
  if (frontmatter.meta) all.push(...checkReferences(frontmatter.meta, steps, frontmatter.locate))
  if (steps.length === 0) all.push(noSteps(source.file))
  if (!frontmatter.meta || hasErrors(all)) return { diagnostics: sortDiagnostics(all) }
  const sha256 = createHash('sha256').update(source.bytes).digest('hex')
  const runbook: Runbook = { slug: source.slug, file: source.file, sha256, meta: frontmatter.meta, steps }
  return { runbook, diagnostics: sortDiagnostics(all) }
}

function noSteps(file: string) {
  return diagnostic(
    'no-steps',
    { file, line: 1, column: 1 },
    'Unexpected document without steps, expected at least one',
    {
      hint: 'Add a step such as <Command id="…" title="…"> with a bash fence inside.',
    },
  )
}
