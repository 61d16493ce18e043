import { parseYaml } from '../../model/text/yaml.ts'
import { isRecord } from '../../model/values/json.ts'
import { escapeMdx, plainText, writeDraft } from './draft.ts'
import type { DraftStep, Imported, ImportNote } from './draft.ts'
import { DraftNames } from './draft-names.ts'
import { fencesOf } from './fence-annotations.ts'

const transition = /^\s*[-*]\s+(PASS|FAIL|YES|NO)(?:\s+(?:ALL|ANY))?:?\s+(.+)$/
const results = /^(?:CONTINUE|COMPLETE|STOP|GOTO|RETRY|DEFER|BREAK)\b/
const directive = /^\s*[-*]\s+(DELEGATE|OUTPUTS|INPUTS|ARTIFACTS|FOR)\b/
const included = /^\s*[-*]\s+(\S+\.runbook\.md)\s*$/
const heading = /^(#{2,3})\s+(.+?)\s*$/
const runs = new Set(['bash', 'sh', 'shell'])

/** Whether a Markdown text is a runbook of the tool whose steps are headings with `PASS` and `FAIL`. */
export function isRundownSteps(text: string): boolean {
  const lines = bare(text.split('\n'))
  return (
    lines.some((line) => heading.test(line)) &&
    lines.some((line) => results.test(transition.exec(line)?.[2] ?? ''))
  )
}

/** The lines without those of fences, at the same places. */
function bare(lines: readonly string[]): string[] {
  const own = [...lines]
  for (const { line, after } of fencesOf(lines)) own.fill('', line - 1, after - 1)
  return own
}

interface Section {
  level: number
  title: string
  /** Of its heading, from 1. */
  line: number
  /** The line after its last. */
  after: number
}

/** Turns such a document into a runbook: a step with a script stays a step, any other is for a person. */
export function importRundownSteps(text: string, name: string): Imported {
  const lines = text.split('\n')
  const outside = bare(lines)
  const notes: ImportNote[] = []
  const names = new DraftNames()
  const start = lines[0] === '---' ? outside.indexOf('---', 1) + 1 : 0
  const meta = frontmatter(lines.slice(1, Math.max(0, start - 1)).join('\n'))
  const sections = sectionsOf(outside, start)
  const first = sections[0]?.line ?? lines.length + 1
  const top = outside.slice(start, first - 1)
  const title = top.map((line) => /^#\s+(.+)$/.exec(line)?.[1]).find((line) => line !== undefined)
  const intro = plainText(top.filter((line) => !/^#\s/.test(line)).join('\n'))
  const drafts = sections.map((section, index) =>
    section.level === 2 && sections[index + 1]?.level === 3
      ? `## ${escapeMdx(section.title)}${leading(lines, section, sections[index + 1], notes)}`
      : stepOf(lines, section, index === sections.length - 1, names, notes),
  )
  const steps = drafts.filter((draft): draft is DraftStep => typeof draft !== 'string')
  return {
    text: writeDraft({
      meta: {
        title: title ?? meta.name ?? name,
        ...(meta.description ? { description: meta.description } : {}),
      },
      parts: [...(intro === '' ? [] : [intro]), ...drafts],
    }),
    steps: steps.length,
    byHand: steps.filter(({ element }) => element === 'Checklist').length,
    notes,
  }
}

function frontmatter(text: string): { name?: string; description?: string } {
  try {
    const value: unknown = parseYaml(text)
    if (!isRecord(value)) return {}
    const { name, description } = value
    return {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof description === 'string' ? { description: description.slice(0, 300) } : {}),
    }
  } catch {
    return {}
  }
}

function sectionsOf(outside: readonly string[], start: number): Section[] {
  const headings = outside.flatMap((line, index) => {
    const [, marks = '', words = ''] = (index < start ? null : heading.exec(line)) ?? []
    return marks === '' ? [] : [{ level: marks.length, title: titleOf(words), line: index + 1 }]
  })
  return headings.map((one, index) => ({ ...one, after: headings[index + 1]?.line ?? outside.length + 1 }))
}

/** A heading without its number and its name. */
function titleOf(words: string): string {
  const plain = words
    .replace(/\s*\(name:\s*\w+\)\s*$/, '')
    .replace(/^\d+(?:\.\w+)*(?:\s*[.:—→)-]+)?\s+/, '')
    .trim()
  return plain === '' ? words : plain
}

/** The text of a step that has steps within it. */
function leading(
  lines: readonly string[],
  section: Section,
  next: Section | undefined,
  notes: ImportNote[],
): string {
  const { prose } = bodyOf(lines, { ...section, after: next?.line ?? section.after }, true, notes)
  return prose === '' ? '' : `\n\n${plainText(prose)}`
}

function stepOf(
  lines: readonly string[],
  section: Section,
  isLast: boolean,
  names: DraftNames,
  notes: ImportNote[],
): DraftStep {
  const { title, line } = section
  const { prose, fences, others, attributes } = bodyOf(lines, section, isLast, notes)
  const scripts = fences.filter(({ info }) => !info.endsWith('example'))
  if (scripts.length > 1)
    notes.push({ line, message: `the step \`${title}\` has ${scripts.length} scripts, which became one` })
  const [main] = scripts
  const shown = fences.filter((fence) => !scripts.includes(fence))
  const base = { id: names.id(title), title }
  if (main && others.length === 0)
    return {
      ...base,
      element: 'Command',
      attributes,
      prose: prose === '' ? [] : [prose],
      fences: [{ ...main, code: scripts.map(({ code }) => code).join('\n') }, ...shown],
    }
  const tasks = others.map((file) => `Run ${file}`)
  return {
    ...base,
    element: 'Checklist',
    prose: tasks.length > 0 && prose !== '' ? [prose] : [],
    tasks: tasks.length > 0 ? tasks : [prose === '' ? title : prose.replaceAll(/\s+/g, ' ')],
    fences: fences.map(({ info, code }) => ({ info: `${info.split(' ')[0]} example`, code })),
  }
}

interface Body {
  prose: string
  fences: { info: string; code: string }[]
  /** Runbooks that it runs. */
  others: string[]
  attributes: Record<string, string | number>
}

function bodyOf(
  lines: readonly string[],
  { line, after }: Section,
  isLast: boolean,
  notes: ImportNote[],
): Body {
  const part = lines.slice(line, after - 1)
  const all = fencesOf(part)
  const fences = all.map((fence) => {
    const [lang = '', ...words] = fence.info.split(/\s+/)
    const language = lang === 'shell' ? 'sh' : lang || 'text'
    const isRun = runs.has(lang) && !words.includes('prompt')
    return {
      info: isRun ? language : `${lang === 'prompt' ? 'text' : language} example`,
      code: part.slice(fence.line, fence.after - 2).join('\n'),
    }
  })
  const body: Body = { prose: '', fences, others: [], attributes: {} }
  const prose: string[] = []
  let isNested = false
  for (const [index, text] of bare(part).entries()) {
    const at = line + index + 1
    const [, when = '', then = ''] = transition.exec(text) ?? []
    const told = directive.exec(text)?.[1]
    const file = included.exec(text)?.[1]
    // The items below a directive belong to it.
    if (isNested && /^\s+[-*]/.test(text)) continue
    isNested = told !== undefined
    if (told !== undefined) notes.push({ line: at, message: `\`${told}\` of the step was left out` })
    else if (results.test(then)) readTransition(when, then, isLast, at, body, notes)
    else if (file !== undefined) body.others.push(file)
    else prose.push(text)
  }
  return {
    ...body,
    prose: prose
      .join('\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim(),
  }
}

/** A failure stops the run here too; another way to go on is said. */
function readTransition(
  when: string,
  then: string,
  isLast: boolean,
  line: number,
  { attributes }: Body,
  notes: ImportNote[],
): void {
  const isFailure = when === 'FAIL' || when === 'NO'
  const retry = /^RETRY(?:\s+(\d+))?/.exec(then)
  const rest = retry ? then.slice(retry[0].length).trim() : then
  if (retry && isFailure) attributes['retries'] = Math.min(100, Number(retry[1] ?? 1))
  if (isFailure && /^CONTINUE\b/.test(rest)) attributes['onFailure'] = 'continue'
  const isUsual = isFailure
    ? /^(?:STOP|CONTINUE|BREAK)?(?:\s|$)/.test(rest)
    : /^(?:CONTINUE|DEFER)\b/.test(rest) || (isLast && /^COMPLETE\b/.test(rest))
  if (!isUsual || (retry && !isFailure))
    notes.push({
      line,
      message: `\`${when} ${then}\` was left out: the run goes on with the step below, and a failure stops it`,
    })
}
