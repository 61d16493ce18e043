import type { InputSpec } from '../../model/values/input-types.ts'
import { language } from '../../model/steps/languages.ts'
import type { ImportNote } from './draft.ts'
import { DraftNames } from './draft-names.ts'
import { fencesOf } from './fence-annotations.ts'
import type { FenceAnnotation, FenceLines, PlainMarkdown } from './fence-annotations.ts'

const tag = /<r((?:\s+[\w-]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'>]+?))?)*)\s*(\/?)>|<\/r>/g
const words =
  /^(?:named(?:-all)?|stdout|stderr|reveal|setup|env|nospin|norun|borg|skip-on-\w+|spinner:.*|save:.*|with:.*|interactive|abort|sub-env)$/

/** Words after the language of a fence that no other dialect has. */
const ownWords = /\s(?:named(?:-all)?|nospin|norun|borg|stdout|skip-on-\w+|spinner:\S+)(?:\s|$)/

/** Whether a Markdown text is a document of rundown: it has `<r …/>`, or fences with its words. */
export function isRundown(text: string): boolean {
  const lines = text.split('\n')
  return (
    /<r(?:\s+[\w-]+(?:=|\s|\/|>)|\/>)/.test(outsideFences(lines).join('\n')) ||
    fencesOf(lines).some(({ info }) => ownWords.test(info))
  )
}

function outsideFences(lines: readonly string[]): string[] {
  const own = [...lines]
  for (const { line, after } of fencesOf(lines)) own.fill('', line - 1, after - 1)
  return own
}

interface Work {
  lines: string[]
  notes: ImportNote[]
  names: DraftNames
  inputs: Record<string, InputSpec>
  /** The variable of a script for each input. */
  variables: { own: string; input: string }[]
  /** Lines from which the document says that fences do not run, up to the next heading. */
  silent: number[]
  /** By the line of a tag: what it says about the next fence. */
  says: Map<number, Record<string, string>>
}

/** How the code of the next fence is run or shown. */
const ofFence = new Set([
  'spinner',
  'stdout',
  'stderr',
  'named',
  'named-all',
  'nospin',
  'reveal',
  'capture-env',
  'stdout-into',
  'with',
  'borg',
  'sub-spinners',
  'norun',
  'save',
  'env',
  'setup',
  'interactive',
  'skip-on-failure',
  'skip-on-success',
  'reveal-only',
])
/** Of these nothing is lost: they change how the terminal of rundown looks. */
const looksOnly = new Set([
  'stdout',
  'stderr',
  'nospin',
  'reveal',
  'sub-spinners',
  'named-all',
  'setup',
  'silent',
])

/** Turns a document of rundown into plain Markdown: options become inputs, spinners the titles of steps. */
export function plainRundown(text: string): PlainMarkdown {
  const lines = text.split('\n')
  const notes: ImportNote[] = []
  const work: Work = {
    lines,
    notes,
    names: new DraftNames(),
    inputs: {},
    variables: [],
    silent: [],
    says: new Map(),
  }
  if (lines[0]?.startsWith('#!') === true) lines[0] = ''
  const inFence = new Set(
    fencesOf(lines).flatMap(({ line, after }) =>
      Array.from({ length: after - line }, (_, index) => line + index),
    ),
  )
  for (const [index, line] of lines.entries()) {
    if (inFence.has(index + 1)) continue
    if (/^<!--~\s*$/.test(line) || (/^-->\s*$/.test(line) && isHiddenEnd(lines, index))) {
      if (line.startsWith('<'))
        notes.push({ line: index + 1, message: 'a part that rundown runs unseen is shown' })
      lines[index] = ''
      continue
    }
    lines[index] = line.replaceAll(tag, (whole, attributes: string | undefined) =>
      attributes === undefined ? '' : readTag(attributes, index, whole, work),
    )
  }
  if (work.says.size > 0 || Object.keys(work.inputs).length > 0 || /\b(?:section|label)=/.test(text))
    notes.push({
      line: 1,
      message: 'rundown runs the sections that are named; here a run has all steps, in order',
    })
  const fences = annotate(work)
  return { text: lines.join('\n'), fences, inputs: work.inputs, notes }
}

function isHiddenEnd(lines: readonly string[], index: number): boolean {
  return !lines.slice(0, index).some((line) => line.includes('<!--'))
}

function readTag(text: string, index: number, whole: string, work: Work): string {
  const values: Record<string, string> = {}
  for (const [, name = '', , double, single, bare] of text.matchAll(
    /([\w-]+)(=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  ))
    values[name] = double ?? single ?? bare ?? ''
  const { lines, notes, names, says, silent } = work
  const line = index + 1
  const isHeading = /^#{1,6}\s/.test(lines[index] ?? '')
  const label = values['section'] ?? values['label'] ?? values['func']
  if (values['opt'] !== undefined) readOption(values['opt'], values, work)
  const handled = new Set([
    'section',
    'label',
    'func',
    'opt',
    'as',
    'type',
    'required',
    'default',
    'desc',
    'help',
    'prompt',
    'sub-env',
    'comment',
  ])
  const left = Object.keys(values).filter(
    (name) => !handled.has(name) && !ofFence.has(name) && !looksOnly.has(name),
  )
  if (left.includes('if') || left.includes('ignore')) silent.push(line)
  if (left.length > 0)
    notes.push({
      line,
      message: `\`${whole.slice(0, 80)}\` was left out: ${left.map((name) => `\`${name}\``).join(', ')} has no counterpart${left.includes('if') ? ', and the fences of its section were marked `example`' : ''}`,
    })
  if (Object.keys(values).some((name) => ofFence.has(name))) says.set(line, values)
  if (isHeading && label !== undefined) return `{#${names.id(label)}}`
  const about = values['opt'] === undefined ? (values['desc'] ?? values['help'] ?? '') : ''
  return about === '' ? '' : about
}

function readOption(
  name: string,
  { as, type = 'string', required, default: given, desc, prompt }: Readonly<Record<string, string>>,
  { names, inputs, variables }: Work,
): void {
  const own = name.replace(/^[\d*]+:/, '')
  const variable = as ?? `OPT_${own.toUpperCase().replaceAll(/\W/g, '_')}`
  if (variables.some((one) => one.own === variable)) return
  const input = names.variable(own)
  const options = /^enum[:|]/.test(type)
    ? [
        ...new Set(
          type
            .slice(5)
            .split('|')
            .filter((one) => one !== ''),
        ),
      ]
    : []
  const isSecret = type === 'password'
  const isChoice = options.length > 0
  inputs[input] = {
    type: isSecret
      ? 'secret'
      : isChoice
        ? 'choice'
        : type === 'int' && (given === undefined || /^\d+$/.test(given))
          ? 'int'
          : 'string',
    ...((desc ?? prompt ?? '') === '' ? {} : { description: desc ?? prompt }),
    ...(isChoice ? { options } : {}),
    ...(given !== undefined && given !== '' && !isSecret && (!isChoice || options.includes(given))
      ? { default: given }
      : required === undefined
        ? { required: false }
        : {}),
  }
  variables.push({ own: variable, input })
}

/** The fences with what their tags or their own words say; the others are only read. */
function annotate({ lines, notes, silent, says, variables }: Work): Map<number, FenceAnnotation> {
  const all = fencesOf(lines)
  const isOld = all.some(({ info }) =>
    info
      .split(/\s+/)
      .slice(1)
      .some((word) => words.test(word)),
  )
  const annotations = new Map<number, FenceAnnotation>()
  for (const [index, fence] of all.entries()) {
    const { line, indent, marks, info } = fence
    const [lang = '', ...rest] = info.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
    const own = Object.fromEntries(rest.filter((word) => words.test(word)).map((word) => splitWord(word)))
    const told = tagBefore(all[index - 1], fence, says)
    const values = { ...own, ...told }
    const code = lines.slice(line, fence.after - 2)
    const runs = (isOld && (told !== undefined || language(lang) !== undefined)) || told !== undefined
    const isSilent = silent.some(
      (from) => from < line && !lines.slice(from, line).some((text) => /^#{1,6}\s/.test(text)),
    )
    const isLeft =
      !runs ||
      isSilent ||
      values['norun'] !== undefined ||
      values['with'] !== undefined ||
      values['save'] !== undefined
    if (lang !== '')
      lines[line - 1] = `${indent}${marks}${lang}${isLeft && language(lang) !== undefined ? ' example' : ''}`
    if (runs && !isSilent && (language(lang) === undefined || values['with'] !== undefined) && lang !== '')
      notes.push({
        line,
        message: `a script for \`${values['with'] ?? lang}\` does not run here and stays as text`,
      })
    noteValues(values, line, notes)
    if (isLeft) continue
    const named =
      values['named'] === undefined && values['named-all'] === undefined
        ? undefined
        : /^#>?\s*(.+)$/m.exec(code[0] ?? '')?.[1]
    const title = (values['spinner'] ?? named ?? '').replaceAll(/\.{3}$/g, '').trim()
    const before = variables
      .filter(({ own: variable }) => code.some((text) => new RegExp(`\\b${variable}\\b`).test(text)))
      .map(({ own: variable, input }) => `export ${variable}="$${input}"`)
    annotations.set(line, {
      ...(title === '' ? {} : { title }),
      ...(before.length > 0 ? { before } : {}),
      runs: true,
    })
  }
  return annotations
}

function splitWord(word: string): [string, string] {
  const at = word.indexOf(':')
  return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1).replaceAll('"', '')]
}

function noteValues(values: Readonly<Record<string, string>>, line: number, notes: ImportNote[]): void {
  const variables = ['env', 'capture-env', 'stdout-into', 'save'].filter((name) => values[name] !== undefined)
  if (variables.length > 0)
    notes.push({
      line,
      message: `\`${variables.join('`, `')}\` was left out: variables reach no later step, each is a process of its own`,
    })
  const flow = ['borg', 'skip-on-failure', 'skip-on-success', 'interactive'].filter(
    (name) => values[name] !== undefined,
  )
  if (flow.length > 0) notes.push({ line, message: `\`${flow.join('`, `')}\` of the script was left out` })
}

/** The attributes of the last tag between two fences. */
function tagBefore(
  previous: FenceLines | undefined,
  { line }: FenceLines,
  says: ReadonlyMap<number, Record<string, string>>,
): Record<string, string> | undefined {
  const from = previous?.after ?? 0
  const told = [...says].filter(([at]) => at >= from && at < line)
  return told.at(-1)?.[1]
}
