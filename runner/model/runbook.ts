import type { Place } from './diagnostic.ts'
import type { Meta } from './meta.ts'

/** The values of an attribute: runbooks are data, so no expression is ever evaluated. */
export type Literal = string | number | boolean | Literal[]

export interface Attribute {
  value: Literal
  place: Place
}

/** A fenced block inside a step. */
export interface Fence {
  /** The role of the fence: `main`, `done`, `undo` or `dry`; see the kind's body. */
  role: string
  /** The language word after the backticks, lower case; empty when there is none. */
  lang: string
  /** Words after language and role, such as `always` on an undo fence. */
  flags: string[]
  /** The exact script. */
  code: string
  /** The code as the document has it, when that is not what runs: with prompts, output or placeholders. */
  written?: string
  /** For each line of `code` its line in the document, when they do not simply follow each other from `place`. */
  lines?: number[]
  /** The first line of the code itself, not of the backticks. */
  place: Place
}

/** One item of a Markdown task list. */
export interface Task {
  text: string
  place: Place
}

/** One numbered unit of a runbook, as written: attributes may still hold templates. */
export interface Step {
  /** 1-based, in document order. */
  number: number
  /** The anchor: stable, unique in the document. */
  id: string
  /** Name of the kind, such as `command`. */
  kind: string
  title: string
  /** Title of the level-2 heading above the step. */
  phase?: string
  attributes: Record<string, Attribute>
  fences: Fence[]
  tasks: Task[]
  /** The Markdown around the fences and tasks, for reading in a terminal. */
  prose: string
  place: Place
}

/** A name that a link may lead to. Site and link check know the same ones. */
export interface Anchor {
  name: string
  /** `heading`: its slug. `explicit`: written by the author. `step`: an id. `alias`: an earlier id, or an alert's name. */
  kind: 'heading' | 'explicit' | 'step' | 'alias'
  place: Place
}

export interface DocumentLink {
  url: string
  kind: 'link' | 'image'
  place: Place
}

/** Warnings of these codes are silent from one line to another. */
export interface Ignore {
  codes: string[]
  from: number
  to: number
}

/** A parsed document: everything site, linter and runner know about it. */
export interface Runbook {
  /** Path relative to the content folder without extension, lower case: its address. */
  slug: string
  file: string
  /** `md` is plain Markdown: every shell fence is a step, and each is confirmed one by one. */
  format: 'mdx' | 'md'
  /** Hex SHA-256 of the file's bytes. */
  sha256: string
  meta: Meta
  steps: Step[]
  anchors: Anchor[]
  links: DocumentLink[]
  ignores: Ignore[]
}

/** The line of the document where line `index` (0-based) of a fence's code stands. */
export function lineOf(fence: Fence, index: number): number {
  return fence.lines?.[index] ?? fence.lines?.at(-1) ?? fence.place.line + index
}

/** The requirements that a `refs` attribute names. */
export function referencesOf(value: Literal | undefined): string[] {
  return typeof value === 'string' ? value.split(/[\s,]+/).filter((id) => id !== '') : []
}

/** The value of an attribute, or undefined when it is not written. */
export function attribute(step: Step, name: string): Literal | undefined {
  return step.attributes[name]?.value
}

/** The outputs a step declares, as written in its `outputs` attribute. */
export function declaredOutputs(step: Step): string[] {
  const declared = attribute(step, 'outputs')
  return typeof declared === 'string' ? declared.split(/[\s,]+/).filter((name) => name !== '') : []
}
