import type { LoadedKinds } from '../../kinds/index.ts'
import type { Event, EventType } from '../../journal/record/event.ts'
import { parseKey } from '../../journal/record/event.ts'
import { momentOf } from '../../journal/story/story-moment.ts'
import type { Moment } from '../../journal/story/story-moment.ts'
import { formatDuration } from '../../model/values/duration.ts'
import { isRecord } from '../../model/values/json.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { gateLine } from './gate-line.ts'
import { outputScreen } from './output-screen.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { momentLine, toneMark } from '../shared/moment-line.ts'
import { usedValueLines } from '../shared/value-lines.ts'
import { effectWord, stepLines } from '../shared/step-lines.ts'

/** Follows a run on the screen. */
export interface Reporter {
  /** A person is about to be asked about a step. */
  onAsk(step: string): void
  onEvent(event: Event, line: string): void
  onOutput(step: PlannedStep, stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number): void
}

/** Journal events as they are, one on each line, for programs. */
export function jsonReporter(io: Io): Reporter {
  return { onAsk: () => {}, onEvent: (_, line) => io.out(line.trimEnd()), onOutput: () => {} }
}

/** Told by the head or the end of what is on the screen, or by the step they lead to. */
const quiet = new Set<EventType>([
  'run-started',
  'run-paused',
  'run-ended',
  'run-resumed',
  'step-skipped',
  'approval-requested',
])

/** Longest command that is shown unasked before its step is let go, in lines. */
const mostLines = 16

/**
 * Steps and their output for a person. On a terminal each line of output has a bar before it, elsewhere the
 * name of its step. `outputs` are those of the steps before this stretch of the run.
 */
export function textReporter(
  plan: Plan,
  kinds: LoadedKinds,
  io: Io,
  outputs: Readonly<Record<string, string>> = {},
): Reporter {
  const steps = new Map(plan.steps.map((step) => [step.id, step]))
  const live = process.stderr.isTTY
  const opened = new Set<string>()
  const startedAt = new Map<string, number>()
  const values: Record<string, string> = { ...outputs }
  const screen = outputScreen(io, live)
  const gate = gateLine(io, live, () => process.stderr.columns)
  let phase: string | undefined

  function open(step: PlannedStep): void {
    if (opened.has(step.id)) return
    opened.add(step.id)
    header(step)
    // The step's text has the subject of the question.
    if (live && step.effect === 'none') showProse(step)
  }

  function showProse({ prose }: PlannedStep): void {
    if (prose !== '') for (const line of printable(prose).split('\n')) io.note(`    ${line}`)
  }

  function header(step: PlannedStep, sign = '▸'): void {
    if (step.phase !== phase) io.note(`\n${io.style('bold', printable(step.phase ?? ''))}`)
    phase = step.phase
    const position = io.style('dim', `${step.number}/${plan.steps.length}`)
    io.note(
      `${io.style('cyan', sign)} ${position} ${printable(step.title)}  ${io.style('dim', `${step.id} · ${step.kind} · ${effectWord(step.effect)}`)}`,
    )
  }

  /** The action of a step, with the values that its command names. */
  function showCommand(step: PlannedStep): void {
    if (step.effect !== 'write') return
    const lines = stepLines(step, kinds, io)
    for (const line of lines.slice(0, mostLines)) io.note(line)
    if (lines.length > mostLines) io.note(io.style('dim', `    … ${lines.length - mostLines} more lines`))
    for (const line of usedValueLines(step, plan, values, io)) io.note(`  ${line}`)
  }

  function finish(step: PlannedStep, { tone, detail, what, at }: Moment, failed: boolean): void {
    screen.end()
    const toldEnd = what === 'Skipped' ? `skipped: ${detail}` : detail || what.toLowerCase()
    const took = Date.parse(at) - (startedAt.get(step.id) ?? Date.parse(at))
    const time = took > 0 ? io.style('dim', `  ${formatDuration(took)}`) : ''
    io.note(`  ${toneMark(tone, io)} ${step.id} ${printable(toldEnd)}${time}`)
    // The text of the step says what to do when it fails.
    if (failed) showProse(step)
  }

  function tellStep(step: PlannedStep, event: Event, moment: Moment): void {
    const { type, data } = event
    if (isRecord(data['outputs'])) Object.assign(values, data['outputs'])
    if (type === 'undo-started') {
      opened.add(step.id)
      return header(step, '↺')
    }
    if (type === 'process-left') return io.note(`    ${momentLine(moment, io)}`)
    if (opens(event)) open(step)
    // The time a person took to answer is not the step's.
    if (type === 'step-started' && !startedAt.has(step.id)) startedAt.set(step.id, Date.parse(event.ts))
    if (type === 'gate-sampled') return gate.show(event)
    gate.end()
    if (type === 'step-finished' || type === 'step-failed') {
      open(step)
      return finish(step, moment, data['status'] === 'failed')
    }
    if (type === 'undo-ended' || type === 'step-ended') screen.end()
    if (isTold(event, moment)) io.note(`    ${momentLine(moment, io)}`)
  }

  return {
    onAsk(id) {
      const step = steps.get(id)
      if (!step) return
      open(step)
      showCommand(step)
    },
    onOutput(step, _stream, bytes, skipped) {
      screen.show(step.id, bytes, skipped)
    },
    onEvent(event) {
      const moment = momentOf(event, plan)
      if (moment === undefined) return
      const step = steps.get(parseKey(event.key).step)
      if (quiet.has(event.type) && !isRecord(event.data['passed'])) return
      if (step) tellStep(step, event, moment)
      else if (isTold(event, moment)) io.note(`\n${momentLine(moment, io)}`)
    },
  }
}

/** Bookkeeping is for the log; that a step began, or may, is said by its header. */
function isTold({ type, key, data }: Event, { role, detail }: Moment): boolean {
  if (type === 'step-started') return parseKey(key).attempt > 1
  return role !== 'detail' && !(type === 'step-confirmed' && data['answer'] === 'run' && detail === '')
}

/** The first event of a step says that it has begun; a check of its effect alone does not. */
function opens(event: Event): boolean {
  return (
    event.type !== 'step-finished' &&
    event.type !== 'step-failed' &&
    !(event.type === 'effect-checked' && event.data['holds'] === 'yes')
  )
}
