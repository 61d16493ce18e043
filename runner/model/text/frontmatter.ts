import { LineCounter, isMap } from 'yaml'
import type { Document } from 'yaml'
import type * as z from 'zod'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import { inputSchema } from '../values/input-schema.ts'
import { isRecord } from '../values/json.ts'
import { alertFields, metaSchema, requiresSchema } from '../meta.ts'
import type { Meta } from '../meta.ts'
import { suggest } from '../suggest.ts'
import { scalarsAsText, inputsAsText } from '../values/yaml-text.ts'
import { readYaml } from './yaml.ts'
import { issueWords } from '../first-issue.ts'

/** The place of a value in the frontmatter, by its path; the document's start when it is not there. */
export type Locate = (path: readonly PropertyKey[], which?: 'key' | 'value') => Place

export interface Frontmatter {
  meta?: Meta
  diagnostics: Diagnostic[]
  locate: Locate
}

const fencePattern = /^---[ \t]*\r?\n((?:[^\n]*\n)*?)---[ \t]*(?:\r?\n|$)/

/**
 * Splits a document. `body` keeps every line and column: the frontmatter is replaced by spaces, which is what
 * Astro hands to its processor too.
 */
export function splitFrontmatter(text: string): { yaml?: string; body: string } {
  const match = fencePattern.exec(text)
  if (!match) return { body: text }
  return { yaml: match[1] ?? '', body: match[0].replaceAll(/[^\r\n]/g, ' ') + text.slice(match[0].length) }
}

/** Reads and validates the YAML between the dashes. */
export function readFrontmatter(yaml: string | undefined, file: string): Frontmatter {
  const start: Place = { file, line: 1, column: 1 }
  if (yaml === undefined) {
    const missing = diagnostic(
      'invalid-frontmatter',
      start,
      'Unexpected start of document, expected frontmatter',
      {
        hint: 'Begin the file with a line `---`, a line `title: …`, and a line `---`.',
      },
    )
    return { diagnostics: [missing], locate: () => start }
  }
  const counter = new LineCounter()
  const document = readYaml(yaml, { lineCounter: counter, prettyErrors: false, uniqueKeys: true })
  const locate = locator(document, counter, file)
  if (document.errors.length > 0) {
    return { diagnostics: document.errors.map((error) => yamlProblem(error, counter, file)), locate }
  }
  const parsed = metaSchema.safeParse(safeToJs(document) ?? {})
  if (parsed.success) return { meta: parsed.data, diagnostics: [], locate }
  return { diagnostics: parsed.error.issues.flatMap((issue) => issueProblems(issue, locate)), locate }
}

/**
 * Reads the frontmatter of plain Markdown, which belongs to other tools too: fields we know count when they are
 * valid, all others are left alone. `title` is used when there is none.
 */
export function readLooseFrontmatter(
  yaml: string | undefined,
  file: string,
  title: string,
): Frontmatter & { meta: Meta } {
  const counter = new LineCounter()
  const document = readYaml(yaml ?? '', { lineCounter: counter, prettyErrors: false })
  const locate = locator(document, counter, file)
  const values: unknown = document.errors.length > 0 ? {} : safeToJs(document)
  const meta: Record<string, unknown> = { title }
  const diagnostics = document.errors
    .slice(0, 1)
    .map((error) => ignored(firstLine(error.message), yamlPlace(error, counter, file)))
  for (const [field, schema] of Object.entries(metaSchema.shape)) {
    const value = isRecord(values) ? values[field] : undefined
    if (value === undefined || value === null) continue
    const parsed = schema.safeParse(typeof value === 'string' && field === 'aliases' ? [value] : value)
    if (parsed.success) meta[field] = parsed.data
    else
      diagnostics.push(
        ignored(
          `\`${field}\`: ${firstLine(parsed.error.issues[0]?.message ?? 'not usable')}`,
          locate([field]),
        ),
      )
  }
  return { meta: meta as Meta, diagnostics, locate }
}

/** The valid part of frontmatter with errors. An input with an invalid declaration is still declared. */
export function salvageMeta(yaml: string | undefined, file: string): Meta {
  const { meta } = readLooseFrontmatter(yaml, file, '')
  const values = safeToJs(readYaml(yaml ?? '', { prettyErrors: false }))
  const declared = isRecord(values) && isRecord(values['inputs']) ? Object.keys(values['inputs']) : []
  return {
    ...meta,
    inputs: meta.inputs ?? Object.fromEntries(declared.map((input) => [input, { type: 'string' }])),
  }
}

/** A map of aliases that expands without end is refused by the library with an exception. */
function safeToJs(document: Document): unknown {
  if (isMap(document.contents)) {
    inputsAsText(document.contents.get('inputs'))
    const env = document.contents.get('env')
    if (isMap(env)) scalarsAsText(env)
  }
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    return undefined
  }
}

function ignored(message: string, place: Place): Diagnostic {
  return diagnostic('ignored-frontmatter', place, `${message}; the field is ignored`, {
    hint: 'Correct it if it is meant for the runbook; other tools may use it unchanged.',
  })
}

/** Whether the text between two lines of dashes is frontmatter: a thematic break at the start of a document is not. */
export function isFrontmatter(yaml: string): boolean {
  const lines = yaml.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  return lines.length === 0 || /^(["']?)[\w $.-]+\1\s*:(\s|$)/.test(lines[0] ?? '')
}

function yamlPlace(error: { pos: [number, number] }, counter: LineCounter, file: string): Place {
  const at = counter.linePos(error.pos[0])
  return { file, line: at.line + 1, column: at.col }
}

function yamlProblem(
  error: { message: string; pos: [number, number] },
  counter: LineCounter,
  file: string,
): Diagnostic {
  return diagnostic('invalid-frontmatter', yamlPlace(error, counter, file), firstLine(error.message), {
    hint: 'The frontmatter must be valid YAML.',
  })
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).replace(/[.:]$/, '')
}

function locator(document: Document, counter: LineCounter, file: string): Locate {
  return (path, which = 'value') => {
    for (let length = path.length; length > 0; length--) {
      const range = rangeAt(document, path.slice(0, length), length === path.length ? which : 'value')
      if (!range) continue
      const from = counter.linePos(range[0])
      const to = counter.linePos(range[1])
      return { file, line: from.line + 1, column: from.col, endLine: to.line + 1, endColumn: to.col }
    }
    return { file, line: 1, column: 1 }
  }
}

function rangeAt(
  document: Document,
  path: readonly PropertyKey[],
  which: 'key' | 'value',
): [number, number] | undefined {
  if (which === 'key') {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    const pair = isMap(parent)
      ? parent.items.find((item) => String((item.key as { value?: unknown }).value) === String(path.at(-1)))
      : undefined
    return rangeOf(pair?.key)
  }
  return rangeOf(document.getIn(path, true))
}

function rangeOf(node: unknown): [number, number] | undefined {
  const range = (node as { range?: [number, number, number] } | undefined)?.range
  return range ? [range[0], range[1]] : undefined
}

function issueProblems(issue: z.core.$ZodIssue, locate: Locate): Diagnostic[] {
  const label = `\`${issue.path.join('.')}\``
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const names = Object.keys(fieldsAt(issue.path))
      const near = suggest(key, names)
      const place = locate([...issue.path, key], 'key')
      return diagnostic('unknown-field', place, `Unexpected field \`${key}\``, {
        hint: near ? `Did you mean \`${near}\`?` : `The fields are ${names.join(', ')}.`,
      })
    })
  }
  const place = locate(issue.path)
  if (issue.path.length === 1 && issue.code === 'invalid_type' && issue.input === undefined) {
    return [
      diagnostic('invalid-frontmatter', place, `Missing ${label}`, {
        hint: `Add a line \`${issue.path.join('.')}: …\` to the frontmatter.`,
      }),
    ]
  }
  return [
    diagnostic('invalid-frontmatter', place, `${label}: ${firstLine(reasonOf(issue))}`, {
      hint: meaningOf(issue.path),
    }),
  ]
}

/** Of a key that may not be one, why. */
function reasonOf(issue: z.core.$ZodIssue): string {
  return (issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined) ?? issueWords(issue)
}

/** The fields of the map a path leads to. */
function fieldsAt(path: readonly PropertyKey[]): Record<string, z.ZodType> {
  if (path.length === 0) return metaSchema.shape
  if (path[0] === 'inputs') return inputSchema.shape
  return path[0] === 'requires' ? requiresSchema.shape : alertFields.shape
}

/** The description of the nearest field of a path that has one. */
function meaningOf(path: readonly PropertyKey[]): string {
  const at = path.findLastIndex((key, index) => fieldAt(path.slice(0, index), key) !== undefined)
  return fieldAt(path.slice(0, at), path[at])?.description ?? 'The frontmatter must be a map of fields.'
}

function fieldAt(path: readonly PropertyKey[], key: PropertyKey | undefined): z.ZodType | undefined {
  return typeof key === 'string' ? fieldsAt(path)[key] : undefined
}
