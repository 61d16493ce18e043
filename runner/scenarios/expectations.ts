import { tell } from '../journal/story/story.ts'
import { formatDuration, parseDuration } from '../model/values/duration.ts'
import type { Scenario } from './format/scenario-schema.ts'
import type { LifeEnd, Played } from './played.ts'

/** One thing that is not as a scenario expects it. */
export interface Difference {
  /** The field of the scenario that it is about. */
  path: readonly (string | number)[]
  /** The name of the field, such as `ends`. */
  what: string
  actual: string
  /** Undefined when nothing was expected, but the scenario is wrong itself. */
  expected?: string
}

/** Everything in which a scenario went another way than it expects; problems of the scenario itself come first. */
export function differences({ expect, lives }: Scenario, played: Played): Difference[] {
  const differing: Difference[] = played.problems.map(({ path, message }) => ({
    path,
    what: 'scenario',
    actual: message,
  }))
  for (const [index, life] of (lives ?? []).entries()) {
    const end = played.lives[index]
    if (end) differing.push(...endDifferences(['lives', index], life, end))
  }
  const last = played.lives.at(-1)
  if (last) differing.push(...endDifferences(['expect'], expect, last))
  differing.push(
    ...listDifferences(expect, played),
    ...valueDifferences(expect, played),
    ...textDifferences(expect, played),
  )
  return differing
}

function endDifferences(
  path: readonly (string | number)[],
  {
    ends,
    at,
    says = [],
  }: { ends?: string | undefined; at?: string | undefined; says?: string[] | undefined },
  end: LifeEnd,
): Difference[] {
  const differing: Difference[] = []
  if (ends !== undefined && ends !== end.ends)
    differing.push({
      path: [...path, 'ends'],
      what: 'ends',
      expected: ends,
      actual: `${end.ends}: ${end.message}`,
    })
  if (at !== undefined && at !== end.at)
    differing.push({ path: [...path, 'at'], what: 'at', expected: at, actual: end.at || 'no step' })
  for (const text of says)
    if (!end.message.includes(text))
      differing.push({ path: [...path, 'says'], what: 'says', expected: text, actual: end.message })
  return differing
}

function listDifferences(expect: Scenario['expect'], played: Played): Difference[] {
  const { state } = played
  const order = [
    ...new Set(
      played.events
        .filter(({ type }) => type === 'step-finished' || type === 'step-failed')
        .map(({ key }) => /^[^#/]*/.exec(key)?.[0] ?? ''),
    ),
  ]
  const actual = {
    did: played.did,
    undone: played.undone,
    leaves: played.leaves,
    asked: played.asked,
    refused: played.refused,
    skipped: order.filter((id) => state.steps.get(id)?.status === 'skipped'),
    ran: order.filter((id) => state.steps.get(id)?.status !== 'skipped'),
  }
  return (Object.keys(actual) as (keyof typeof actual)[]).flatMap((what) => {
    const expected = expect[what]
    if (expected === undefined || same(expected, actual[what])) return []
    return [{ path: ['expect', what], what, expected: list(expected), actual: list(actual[what]) }]
  })
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}

function list(values: readonly string[]): string {
  return `[${values.join(', ')}]`
}

function valueDifferences(expect: Scenario['expect'], { state, tookMs }: Played): Difference[] {
  const differing: Difference[] = []
  const compare = (what: string, name: string, expected: string, actual: string): void => {
    if (expected !== actual)
      differing.push({ path: ['expect', what, name], what: `${what}.${name}`, expected, actual })
  }
  for (const [id, expected] of Object.entries(expect.steps ?? {}))
    compare('steps', id, expected, state.steps.get(id)?.status ?? 'not in the run')
  for (const [id, expected] of Object.entries(expect.attempts ?? {}))
    compare('attempts', id, String(expected), String(state.steps.get(id)?.attempts ?? 0))
  for (const [name, expected] of Object.entries(expect.outputs ?? {}))
    compare('outputs', name, expected, state.outputs[name] ?? 'no value')
  if (expect.took !== undefined && !inTime(expect.took, tookMs))
    differing.push({
      path: ['expect', 'took'],
      what: 'took',
      expected: expect.took,
      actual: formatDuration(tookMs),
    })
  return differing
}

function inTime(limitText: string, tookMs: number): boolean {
  const [, sign = '', text = ''] = /^([<>]?)\s*(.+)$/.exec(limitText) ?? []
  const limit = parseDuration(text) ?? Number.NaN
  if (sign === '<') return tookMs < limit
  return sign === '>' ? tookMs > limit : Math.abs(tookMs - limit) < 1
}

function textDifferences(expect: Scenario['expect'], { events, plan, state }: Played): Difference[] {
  const { decided = [], prints = [], never = [] } = expect
  if (decided.length + prints.length + never.length === 0) return []
  const story = tell(events, plan, state)
  const lineOf = ({ step, what, detail, by }: (typeof story.moments)[number]): string =>
    `${step === undefined ? '' : `${step}: `}${what.replaceAll('`', '')}${detail === '' ? '' : `: ${detail}`} (${by.id})`
  const log = story.moments.map(lineOf)
  const decisions = story.decisions.map(lineOf)
  const missing = (what: 'decided' | 'prints', texts: string[], lines: string[]): Difference[] =>
    texts
      .filter((text) => !lines.some((one) => one.includes(text)))
      .map((text) => ({ path: ['expect', what], what, expected: text, actual: nearest(text, lines) }))
  return [
    ...missing('decided', decided, decisions),
    ...missing('prints', prints, log),
    ...never.flatMap((text) => {
      const line = log.find((one) => one.includes(text))
      return line === undefined
        ? []
        : [{ path: ['expect', 'never'], what: 'never', expected: text, actual: line }]
    }),
  ]
}

/** The line that has the most words of a text. */
function nearest(text: string, lines: readonly string[]): string {
  const words = text.split(/\W+/).filter((word) => word.length > 2)
  const score = (line: string): number => words.filter((word) => line.includes(word)).length
  const best = lines.toSorted((a, b) => score(b) - score(a))[0]
  return best === undefined || score(best) === 0 ? 'no such line' : best
}
