import { stringify } from 'yaml'
import { fenceMarks } from '../../model/text/fence-marks.ts'
import type { InputSpec } from '../../model/values/input-types.ts'

/** A part of a source that was not converted, or not as it was: its line, and a sentence. */
export interface ImportNote {
  line: number
  message: string
}

/** A document of another format as a runbook. */
export interface Imported {
  text: string
  steps: number
  /** How many of the steps are left to a person, because their source has no script that runs here. */
  byHand: number
  notes: ImportNote[]
  /** Code that looks like a command, and is not a step. Default: none. */
  unread?: ImportNote[]
}

/** One finding for several places of one kind: at the first, with up to three of their texts. */
export function noteOf(
  mentions: readonly { line: number; text: string }[],
  message: (list: string, many: boolean) => string,
): ImportNote[] {
  const [first] = mentions
  if (!first) return []
  const names = [...new Set(mentions.map(({ text }) => text))]
  const shown = names.slice(0, 3).map((name) => `\`${name.slice(0, 80)}\``)
  const all = [...shown, ...(names.length > 3 ? [`${names.length - 3} more`] : [])]
  const list = all.length === 1 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
  return [{ line: first.line, message: message(list, names.length > 1) }]
}

interface DraftFence {
  /** With its role, as `bash` or `yaml example`. */
  info: string
  code: string
}

export interface DraftStep {
  element: 'Approval' | 'Ask' | 'Check' | 'Checklist' | 'Command' | 'Wait'
  id: string
  title: string
  attributes?: Readonly<Record<string, string | number | undefined>>
  /** Plain words, each a paragraph. */
  prose?: readonly string[]
  tasks?: readonly string[]
  fences?: readonly DraftFence[]
}

interface DraftMeta {
  title: string
  description?: string
  inputs?: Readonly<Record<string, InputSpec>>
  requires?: { commands: string[] }
}

/** A runbook before it is text: headings and paragraphs as Markdown, and steps. */
export interface Draft {
  meta: DraftMeta
  parts: readonly (DraftStep | string)[]
}

export function writeDraft({ meta, parts }: Draft): string {
  const body = parts.map((part) => (typeof part === 'string' ? part : writeStep(part)))
  return `---\n${stringify(meta, { lineWidth: 0 })}---\n\n${body.join('\n\n')}\n`
}

export function writeStep({
  element,
  id,
  title,
  attributes = {},
  prose = [],
  tasks = [],
  fences = [],
}: DraftStep): string {
  const blocks = [
    ...prose.map(plainText),
    ...(tasks.length > 0 ? [tasks.map((task) => `- [ ] ${plainText(task)}`).join('\n')] : []),
    ...fences.map(({ info, code }) => {
      const ticks = fenceMarks(code)
      return `${ticks}${info}\n${code.replace(/\n+$/, '')}\n${ticks}`
    }),
  ].filter((block) => block !== '')
  const opening = openingTag(element, { id, title, ...attributes })
  if (blocks.length === 0) return opening.replace(/>$/, ' />')
  return [opening, ...blocks, `</${element}>`].join('\n\n')
}

/** The tag that opens an element, with its attributes as text. */
export function openingTag(
  element: string,
  attributes: Readonly<Record<string, number | string | undefined>>,
): string {
  const members = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [writeAttribute(name, value)],
  )
  return `<${element} ${members.join(' ')}>`
}

function writeAttribute(name: string, value: string | number): string {
  if (typeof value === 'number' || value === 'true') return `${name}={${value}}`
  const line = value.replaceAll(/\s+/g, ' ').trim()
  const quote = line.includes('"') ? "'" : '"'
  return `${name}=${quote}${line.replaceAll(quote, '’')}${quote}`
}

/** Text for MDX: a brace or an angle bracket is a character, and no line begins an element, a list or code. */
export function plainText(text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
  return escapeMdx(lines.join('\n')).replaceAll(
    /^(im|ex)port\b/gm,
    (word) => `&#${word.charCodeAt(0)};${word.slice(1)}`,
  )
}

/** Braces and angle brackets as text. */
export function escapeMdx(text: string): string {
  return text.replaceAll(/(\\?)([{<])/g, (whole, backslash: string, char: string) =>
    backslash ? whole : `\\${char}`,
  )
}

/** A step for a person, with its source beside it. */
export function stepByHand(id: string, title: string, task: string, source: string, lang: string): DraftStep {
  return {
    element: 'Checklist',
    id,
    title,
    tasks: [task],
    fences: [{ info: `${lang} example`, code: source }],
  }
}
