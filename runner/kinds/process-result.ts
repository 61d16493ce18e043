import { formatDuration } from '../model/values/duration.ts'
import type { View } from '../model/view.ts'
import { result } from './kind.ts'
import type { ProcessOutcome, Result } from './kind.ts'

/** Turns the end of a process into the result of a step. Only exit code 0 passes. */
export function processResult(outcome: ProcessOutcome): Result {
  const data = { process: outcome }
  if (outcome.status === 'exit' && outcome.code === 0)
    return result('passed', describe(outcome), { data, outputs: outcome.outputs })
  return result(statusOf(outcome), describe(outcome), { data })
}

function statusOf(outcome: ProcessOutcome): Result['status'] {
  if (outcome.status === 'exit' || outcome.status === 'signal') return 'failed'
  return outcome.status
}

function describe(outcome: ProcessOutcome): string {
  switch (outcome.status) {
    case 'exit':
      return `${outcome.why === '' ? `exited with code ${outcome.code}${hintOf(outcome.code)}` : `exited, but ${outcome.why}`}${endedWords(outcome)}`
    case 'signal':
      return `was ended by ${outcome.signal}`
    case 'timeout':
      return `timed out after ${formatDuration(outcome.ms)}`
    case 'cancelled':
      return `was cancelled after ${formatDuration(outcome.ms)}`
    default:
      return outcome.why
  }
}

/** The meaning of an exit code of the shell, where the number alone says too little. */
function hintOf(code: number | null): string {
  if (code === 74) return ' (EX_IOERR: an error of input or output, also where its outputs cannot be stored)'
  if (code !== 141) return ''
  return ' (128 + SIGPIPE: with pipefail, a program whose output the next one stopped reading, as `| head` does, fails the script)'
}

function endedWords({ ended }: ProcessOutcome): string {
  if (ended === 0) return ''
  const what = ended === 1 ? '1 process in the background was' : `${ended} processes in the background were`
  return `; ${what} ended with it (setsid starts one that stays)`
}

/** How a process ended, for page and terminal. */
export function processView(outcome: Result): View[] {
  return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
}
