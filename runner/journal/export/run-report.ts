import type { Actor } from '../../model/plan.ts'
import { isSafeName } from '../verify/evidence.ts'
import type { NamedFile } from '../verify/evidence.ts'
import { startWithin } from '../record/folder.ts'
import { tell } from '../story/story.ts'
import type { Moment } from '../story/story-moment.ts'
import type { Story, StoryStep } from '../story/story.ts'
import type { StoredRun } from '../record/run-store.ts'
import type { Verification } from '../verify/verify-evidence.ts'

interface ReportFile extends NamedFile {
  /** The beginning of the file; undefined when it is not there. */
  text: string | undefined
}

export interface ReportStep extends StoryStep {
  output: ReportFile[]
}

/** A run as a report lays it out: its story, what its steps printed, and what its files prove. */
export interface RunReport extends Story {
  steps: ReportStep[]
  verification: Verification
}

/** Longest text of one file of output in a report, in bytes; the bundle has it whole. */
const outputBytes = 65_536

export function makeReport(
  { folder, plan, events, state }: StoredRun,
  verification: Verification,
): RunReport {
  const story = tell(events, plan, state)
  const steps = story.steps.map((step) => ({
    ...step,
    output: step.files.map((named) => ({ ...named, text: outputText(folder, named.file) })),
  }))
  return { ...story, steps, verification }
}

function outputText(folder: string, file: string): string | undefined {
  return isSafeName(file) ? startWithin(folder, file, outputBytes)?.toString('utf8') : undefined
}

interface Told {
  by: Actor
  /** How it is known who it was; empty for what the runner did. */
  identity: string
  type: string
  ts: string
  what: string
  note: string
}

function told({ by, identity, type, at, what, detail }: Moment): Told {
  return { by, identity, type, ts: at, what, note: detail }
}

/** The report as JSON, for programs. */
export function jsonReport({ head, steps, decisions, verification }: RunReport): string {
  const { words: _, tone: __, ms: ___, rollbackMs: ____, inputs, ...facts } = head
  const given = inputs.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]))
  const report = {
    ...facts,
    inputs: Object.fromEntries(given),
    secrets: inputs.filter(({ value }) => value === undefined).map(({ name }) => name),
    steps: steps.map(
      ({ id, kind, title, status, message, attempts, startedAt, endedAt, ms, output, ...step }) => ({
        id,
        kind,
        title,
        status,
        message,
        attempts,
        startedAt,
        endedAt,
        ms: ms ?? 0,
        decisions: step.decisions.map(told),
        output,
      }),
    ),
    decisions: decisions.map(told),
    verification,
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}
