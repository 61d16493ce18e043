import { asText, isRecord } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Event } from '../../journal/event.ts'
import { parseKey } from '../../journal/event.ts'
import { formatDuration } from '../../model/duration.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { gateLine } from './gate-line.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { effectWord } from '../shared/views.ts'

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

/** Steps and their output for a person; output of a step is shown live on a terminal, elsewhere when it fails. */
export function textReporter(plan: Plan, io: Io): Reporter {
  const steps = new Map(plan.steps.map((step) => [step.id, step]))
  const live = process.stderr.isTTY
  const opened = new Set<string>()
  const startedAt = new Map<string, number>()
  const kept: Buffer[] = []
  const screen = outputScreen(io)
  const gate = gateLine(io, live, () => process.stderr.columns)
  let phase: string | undefined

  function open(step: PlannedStep): void {
    if (opened.has(step.id)) return
    opened.add(step.id)
    kept.length = 0
    header(step)
    // What a person is asked about stands in the step's text.
    if (live && step.effect === 'none') showProse(step)
  }

  function showProse({ prose }: PlannedStep): void {
    if (prose !== '') for (const line of printable(prose).split('\n')) io.note(`    ${line}`)
  }

  function header(step: PlannedStep): void {
    if (step.phase !== phase) io.note(`\n${io.style('bold', printable(step.phase ?? ''))}`)
    phase = step.phase
    const position = io.style('dim', `${step.number}/${plan.steps.length}`)
    io.note(
      `${io.style('cyan', '▸')} ${position} ${printable(step.title)}  ${io.style('dim', `${step.id} · ${step.kind} · ${effectWord(step.effect)}`)}`,
    )
  }

  /** Where nobody watched live, a failure shows what led to it. */
  function showKept(): void {
    for (const bytes of kept.splice(0)) screen.show(bytes, 0)
    screen.end()
  }

  function finish(step: PlannedStep, event: Event): void {
    const status = asText(event.data['status'])
    screen.end()
    if (status === 'failed') showKept()
    const took = Date.parse(event.ts) - (startedAt.get(step.id) ?? Date.parse(event.ts))
    const time = took > 0 ? io.style('dim', `  ${formatDuration(took)}`) : ''
    io.note(`  ${mark(status, io)} ${step.id} ${printable(asText(event.data['message']))}${time}`)
    // What to do when it fails stands in its text.
    if (status === 'failed') showProse(step)
  }

  return {
    onAsk(id) {
      const step = steps.get(id)
      if (step) open(step)
    },
    onOutput(_, _stream, bytes, skipped) {
      if (live) return screen.show(bytes, skipped)
      kept.push(bytes)
      while (kept.length > 16) kept.shift()
    },
    onEvent(event) {
      const step = steps.get(parseKey(event.key).step)
      if (!step) return reportRun(event, io)
      if (event.type === 'step-skipped') return
      if (event.type === 'process-left') return reportDetail(event, io)
      if (opens(event)) open(step)
      // The time a person took to say yes is not the step's.
      if (event.type === 'step-started' && !startedAt.has(step.id))
        startedAt.set(step.id, Date.parse(event.ts))
      if (event.type === 'gate-sampled') return gate.show(event)
      gate.end()
      if (event.type === 'step-finished' || event.type === 'step-failed') {
        open(step)
        finish(step, event)
      } else {
        if (event.type === 'undo-ended' && event.data['status'] !== 'passed') showKept()
        reportDetail(event, io)
      }
    },
  }
}

/** The first event of a step says that it has begun; a check of its effect alone does not. */
function opens(event: Event): boolean {
  return (
    event.type !== 'step-finished' &&
    event.type !== 'step-failed' &&
    !(event.type === 'effect-checked' && event.data['holds'] === 'yes')
  )
}

function reportRun(event: Event, io: Io): void {
  if (event.type === 'run-started') reportPassing(event, io)
  if (event.type === 'budget-exceeded')
    io.note(`\n${io.style('yellow', 'Late')}: the run ${printable(asText(event.data['message']))}`)
  if (event.type === 'rollback-started')
    io.note(`\n${io.style('yellow', 'Rolling back')}: ${printable(asText(event.data['reason']))}`)
}

function reportPassing({ data }: Event, io: Io): void {
  const { passed } = data
  if (!isRecord(passed)) return
  const { run, reason } = passed as JsonObject
  io.note(
    `${io.style('yellow', '!')} passes run ${printable(asText(run))}, which waits: ${printable(asText(reason))}`,
  )
}

function reportDetail(event: Event, io: Io): void {
  const { type, data, key, actor } = event
  const { step, attempt } = parseKey(key)
  if (type === 'step-ended' && data['status'] !== 'passed') {
    io.note(`    ${io.style('yellow', '!')} attempt ${attempt} ${printable(asText(data['message']))}`)
  } else if (type === 'undo-finished') io.note(`  ${io.style('green', '↺')} ${step} undone`)
  else if (type === 'undo-ended' && data['status'] !== 'passed') {
    io.note(`  ${io.style('red', '✗')} the undo of ${step} ${printable(asText(data['message']))}`)
  } else if (type === 'task-ticked') {
    io.note(
      `    ${data['answer'] === 'done' ? '☑' : '☐'} ${attempt}: ${asText(data['answer'])} ${io.style('dim', actor.id)} ${printable(asText(data['note']))} ${printable(asText(data['evidence']))}`.trimEnd(),
    )
  } else if (type === 'process-left') {
    io.note(
      `    ${io.style('yellow', '!')} ${step} ${printable(asText(data['message']))}; it went into a session of its own`,
    )
  } else if (type === 'outcome-resolved') {
    io.note(
      `    ${asText(data['answer'])}, says ${printable(actor.id)}: ${printable(asText(data['reason']))}`,
    )
  } else if (type === 'budget-exceeded') {
    io.note(`    ${io.style('yellow', '! late:')} ${step} ${printable(asText(data['message']))}`)
  } else if (type === 'run-included') {
    io.note(`    nested run ${asText(data['run'])}`)
  } else if (type === 'wait-began') {
    io.note(`    ${printable(asText(data['message']))}`)
  } else if (type === 'approval-replaced') {
    io.note(`    ${io.style('yellow', '!')} ${printable(actor.id)} replaced a decision that was not read yet`)
  } else if (type === 'answer-refused') {
    const may = Array.isArray(data['may']) ? data['may'].join(', ') : ''
    const who = printable(asText(data['by']) || 'somebody')
    io.note(
      `    ${io.style('yellow', '!')} the decision of ${who} does not count: ${printable(asText(data['why']))}. ${may === '' ? 'Nobody else may decide' : `May decide: ${printable(may)}`}`,
    )
  } else if (type === 'approval-given') {
    io.note(`    ${io.style('green', '✓')} approved by ${printable(actor.id)}`)
  }
}

function mark(status: string, io: Io): string {
  if (status === 'passed') return io.style('green', '✓')
  if (status === 'skipped') return io.style('blue', '»')
  return io.style('red', '✗')
}

/** Live output, each line behind a bar; what is not yet a whole line waits for its end. */
function outputScreen(io: Io): { show(bytes: Buffer, skipped: number): void; end(): void } {
  let rest = ''
  const bar = `  ${io.style('dim', '│')} `
  return {
    show(bytes, skipped) {
      if (skipped > 0) io.note(`${bar}${io.style('dim', `… ${skipped} bytes are in the file only`)}`)
      const lines = (rest + bytes.toString('utf8')).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) io.note(bar + visible(line))
    },
    end() {
      if (rest !== '') io.note(bar + visible(rest))
      rest = ''
    },
  }
}

/** Keeps colors and drops every other control sequence a program may print. */
function visible(line: string): string {
  const text = line
    .replaceAll(/\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    .replaceAll(/\u001b\[[0-9;?]*[A-Za-ln-z]/g, '')
  const colors = /\u001b\[[0-9;:]*m/
  const parts = text.split(/(\u001b\[[0-9;:]*m)/)
  const safe = parts
    .map((part) => (colors.test(part) ? part : printable(part.split('\r').at(-1) ?? '')))
    .join('')
  return parts.length > 1 ? `${safe}\u001b[0m` : safe
}
