import { loadConfig } from '../../../runner/config.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import type { Series } from '../../../runner/journal/story/series.ts'
import { tell } from '../../../runner/journal/story/story.ts'

/** The facts about a release in the journal of a run, for its notes. */
export interface Evidence {
  approvals: { title: string; by: string; identity: string }[]
  /** The figures of its gates. */
  gates: { step: string; metric: string; limit: string; looks: number; worst: string }[]
}

/** Reads the approvals and the figures of the gates from the journal of a run. */
export async function evidenceOf(run: string): Promise<Evidence> {
  const { state } = await loadConfig(process.cwd(), process.env)
  const stored = readRun(state, run)
  const { steps } = tell(stored.events, stored.plan, stored.state)
  return {
    approvals: steps.flatMap(({ title, decisions }) =>
      decisions
        .filter(({ type }) => type === 'approval-given')
        .map(({ by, identity }) => ({ title, by: by.id, identity })),
    ),
    gates: steps.flatMap(({ id, samples }) => samples.map((series) => ({ step: id, ...figures(series) }))),
  }
}

/** The worst value is the largest under an upper limit, and the smallest above a lower one. */
function figures({ name, side, limitText, points }: Series): Omit<Evidence['gates'][number], 'step'> {
  const values = points.flatMap(({ value }) => value ?? [])
  const worst = side === 'above' ? Math.min(...values) : Math.max(...values)
  return {
    metric: name,
    limit: `${side} ${limitText}`,
    looks: values.length,
    worst: values.length === 0 ? 'no value' : String(Number(worst.toPrecision(4))),
  }
}
