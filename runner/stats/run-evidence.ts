import type { RunState } from '../journal/fold.ts'
import type { Story, StoryStep } from '../journal/story/story.ts'
import { isDrill } from './run-stats.ts'
import { median } from './usage.ts'
import { compareText } from '../model/compare-text.ts'

/** Evidence that something works, from the journals of its runs. */
export interface Evidence {
  /** How often it ended well, and in all. */
  passed: number
  ended: number
  lastSuccess: Moment | undefined
  /** The last success in practice. */
  lastDrill: Moment | undefined
  /** Median and longest time of the successes, in milliseconds; undefined without one. */
  usualMs: number | undefined
  slowestMs: number | undefined
}

interface Moment {
  run: string
  /** RFC 3339. */
  at: string
}

export interface RunbookEvidence extends Evidence {
  /** By the id of the step. A step without an entry was never reached. */
  steps: Map<string, Evidence>
}

interface Told {
  run: string
  state: RunState
  story: Story
}

/** Evidence of a runbook and of its steps. A rollback that a drill practised is a good end of that drill. */
export function evidenceOf(runs: readonly Told[]): RunbookEvidence {
  const ended = runs.filter(({ state }) => state.endedAt !== undefined)
  const outcomes = ended.map(({ run, state, story }) => ({
    run,
    drill: isDrill(state),
    at: state.endedAt ?? '',
    passed: state.status === 'succeeded' || (isDrill(state) && state.status === 'rolled-back'),
    ms: story.head.ms,
  }))
  const steps = new Map<string, Outcome[]>()
  for (const { run, state, story } of runs)
    for (const step of story.steps) {
      const outcome = outcomeOf(step, run, isDrill(state))
      if (outcome) steps.set(step.id, [...(steps.get(step.id) ?? []), outcome])
    }
  return { ...evidence(outcomes), steps: new Map([...steps].map(([id, list]) => [id, evidence(list)])) }
}

/** The end of the last drill that ended well. */
export function lastDrillOf(runs: readonly { state: RunState }[]): string | undefined {
  return runs
    .filter(({ state }) => isDrill(state) && (state.status === 'succeeded' || state.status === 'rolled-back'))
    .flatMap(({ state }) => state.endedAt ?? [])
    .toSorted()
    .at(-1)
}

interface Outcome {
  run: string
  drill: boolean
  at: string
  passed: boolean
  ms: number | undefined
}

function outcomeOf({ status, endedAt, ms }: StoryStep, run: string, drill: boolean): Outcome | undefined {
  if (endedAt === undefined) return undefined
  const passed = status === 'passed' || status === 'undone'
  if (!passed && status !== 'failed' && status !== 'stopped' && status !== 'unknown') return undefined
  return { run, drill, at: endedAt, passed, ms }
}

function evidence(outcomes: readonly Outcome[]): Evidence {
  const passed = outcomes.filter((one) => one.passed).toSorted((a, b) => compareText(a.at, b.at))
  const times = passed.flatMap(({ ms }) => ms ?? [])
  return {
    passed: passed.length,
    ended: outcomes.length,
    lastSuccess: moment(passed.at(-1)),
    lastDrill: moment(passed.findLast(({ drill }) => drill)),
    usualMs: median(times),
    slowestMs: times.length === 0 ? undefined : Math.max(...times),
  }
}

function moment(outcome: Outcome | undefined): Moment | undefined {
  return outcome && { run: outcome.run, at: outcome.at }
}
