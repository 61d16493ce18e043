import type { Place } from './diagnostic.ts'
import type { Meta } from './frontmatter.ts'

/** What an attribute may hold: runbooks are data, so no expression is ever evaluated. */
export type Literal = string | number | boolean | Literal[]

export interface Attribute {
  value: Literal
  place: Place
}

/** A fenced block inside a step. */
export interface Fence {
  /** What the fence is for: `main`, `done`, `undo` or `dry`; see the kind's body. */
  role: string
  /** The language word after the backticks, lower case; empty when there is none. */
  lang: string
  /** Words after language and role, such as `always` on an undo fence. */
  flags: string[]
  code: string
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
  /** Title of the level-2 heading the step stands under. */
  phase?: string
  attributes: Record<string, Attribute>
  fences: Fence[]
  tasks: Task[]
  /** The Markdown around the fences and tasks, for reading in a terminal. */
  prose: string
  place: Place
}

/** A parsed document: everything site, linter and runner know about it. */
export interface Runbook {
  /** Path relative to the content folder without extension, lower case: its address. */
  slug: string
  file: string
  /** Hex SHA-256 of the file's bytes. */
  sha256: string
  meta: Meta
  steps: Step[]
}

/** The value of an attribute, or undefined when it is not written. */
export function attribute(step: Step, name: string): Literal | undefined {
  return step.attributes[name]?.value
}
