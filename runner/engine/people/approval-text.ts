import { parseKey } from '../../journal/record/event.ts'
import type { Event } from '../../journal/record/event.ts'
import type { Question } from '../../kinds/kind.ts'
import { asText } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'

/** Most bytes of what is done and what comes next: the request is one line of the journal. */
const mostBytes = 12_000
/** Most lines of one script. */
const mostLines = 20

/** The characters after which a terminal or a page may begin a line. */
const lineBreak = /\r\n?|[\n\u2028\u2029]/g
/** Begins of the lines at the margin, which this text alone writes. */
const ownLine = /^(?:Needs |Inputs:|Done:|Next:|Document )/

/** A value may have lines of its own, such as one that says `Done:`. They begin to the right of the margin. */
function within(value: string, indent: number): string {
  return value.replaceAll(lineBreak, `\n${' '.repeat(indent)}`)
}

/** The text of the step, with values of inputs and outputs in it. */
function withoutOwnLines(prose: string): string {
  const lines = prose.split(lineBreak)
  return lines.map((line) => (ownLine.test(line) ? `  ${line}` : line)).join('\n')
}

/**
 * Exactly what an approver is shown; its digest is part of what they sign. It is recorded with the request, so that
 * everybody reads the same: title, inputs, what is done with the figures of its gates, and what comes next.
 */
export function shownText(
  plan: Plan,
  topic: string,
  question: Extract<Question, { type: 'approval' }>,
  events: readonly Event[],
): string {
  const { title, prose, approvers, min, given } = question
  const { step } = parseKey(topic)
  const inputs = Object.entries(plan.inputs).map(
    ([name, value]) => `  ${name} = ${within(value, name.length + 5)}`,
  )
  return [
    within(`${plan.title}, step \`${step}\`: ${title}`, 2),
    within(
      `Needs ${min} of ${approvers.join(', ')}${given.length > 0 ? `; given by ${given.join(', ')}` : ''}`,
      2,
    ),
    ...(prose === '' ? [] : ['', withoutOwnLines(prose)]),
    ...section('Inputs', inputs),
    ...section('Done', shortened(doneLines(plan, events))),
    ...section('Next', shortened(nextLines(plan, step))),
    '',
    `Document ${plan.sha256}`,
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines]
}

function doneLines(plan: Plan, events: readonly Event[]): string[] {
  const ends = new Map<string, Event>()
  const looks = new Map<string, Event>()
  for (const event of events) {
    if (event.type === 'step-finished') ends.set(event.key, event)
    if (event.type === 'gate-sampled') looks.set(parseKey(event.key).step, event)
  }
  return plan.steps.flatMap(({ id, title }) => {
    const end = ends.get(id)
    if (!end) return []
    const line = `  ${asText(end.data['status'])}  ${id}  ${title}: ${asText(end.data['message'])}`
    return [line, ...gateLines(looks.get(id))].map((one) => within(one, 10))
  })
}

/** The last look of a gate: each value beside its limit. */
function gateLines(last: Event | undefined): string[] {
  const metrics = (last?.data['metrics'] ?? []) as JsonObject[]
  return metrics.map((metric) => {
    const { name, value, factor, unit, side, limitText, verdict } = metric
    const number = Number(value) / Number(factor)
    const figure =
      value === '' || Number.isNaN(number) ? 'no value' : `${Number(number.toPrecision(4))}${asText(unit)}`
    return `          ${asText(name)}: ${figure}, limit ${asText(side)} ${asText(limitText)}: ${asText(verdict)}`
  })
}

/** The steps that the decision lets run, to the next approval. */
function nextLines({ steps }: Plan, step: string): string[] {
  const after = steps.slice(steps.findIndex(({ id }) => id === step) + 1)
  const stop = after.findIndex(({ kind }) => kind === 'approval')
  return (stop === -1 ? after : after.slice(0, stop + 1)).flatMap(nextStep)
}

function nextStep({ id, title, effect, kind, fences }: PlannedStep): string[] {
  const mark = effect === 'write' ? '!' : kind === 'approval' ? '?' : '$'
  const code = fences.find(({ role }) => role === 'main')?.code.split('\n') ?? []
  const more = code.length > mostLines ? [`      … ${code.length - mostLines} more lines`] : []
  const lines =
    effect === 'write' ? [...code.slice(0, mostLines).map((line) => `      ${line}`), ...more] : []
  return [within(`  ${mark} ${id}  ${title}`, 6), ...lines]
}

function shortened(lines: readonly string[]): string[] {
  const kept: string[] = []
  let bytes = 0
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > mostBytes)
      return [...kept, `  … ${lines.length - kept.length} more lines: see \`runbook log\``]
    kept.push(line)
  }
  return kept
}
