import { KeyTaken } from '../engine/key.ts'
import { NotResumable } from '../engine/runs.ts'
import { SelectionError } from '../engine/selection.ts'
import { SigningError } from '../engine/signing/ssh-keygen.ts'
import { IndexBusy } from '../journal/heads.ts'
import { JournalError } from '../journal/read.ts'
import { ConfigError } from '../config.ts'
import { StatusFileError } from '../status/file-error.ts'
import { exit } from './exit.ts'
import { printable } from './io.ts'
import { version } from './version.ts'

/** Says what became of a call that threw: a failure of the world in a sentence, a bug of ours with its trace. */
export function describeFailure(error: unknown): { text: string; code: number } {
  if (error instanceof ConfigError)
    return say(error.message, 'Correct the configuration and try again.', exit.usage)
  if (error instanceof JournalError) {
    return say(
      error.message,
      'The journal was changed by something else; keep it, and ask whoever did. Nothing was run.',
      exit.failed,
    )
  }
  if (error instanceof KeyTaken) return keyTaken(error)
  if (error instanceof SigningError)
    return say(error.message, 'Name another key with RUNBOOK_SIGNING_KEY, or `none`.', exit.usage)
  if (error instanceof IndexBusy)
    return say(
      error.message,
      'Try again when they are done; `runbook runs` shows what can be resumed.',
      exit.failed,
    )
  if (error instanceof StatusFileError)
    return say(error.message, 'Correct the file and try again.', exit.usage)
  if (error instanceof SelectionError) return say(error.message, error.hint, exit.usage)
  if (error instanceof NotResumable)
    return say(error.message, `See \`runbook log ${error.state.run}\`.`, exit.usage)
  const { code, syscall, path, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_SQLITE_ERROR')
    return say(
      `The lock or the index of runs cannot be written: ${message}`,
      'Make room on the disk; then `runbook runs` shows what can be resumed.',
      exit.failed,
    )
  if (code !== undefined && syscall !== undefined) {
    return say(
      // Node says the call and the path again at the end.
      `${[syscall, path].join(' ').trim()} failed: ${message.replace(/, [a-z]+( '.*')?$/, '')}`,
      'Nothing further was done. Mend the cause; then `runbook runs` shows what can be resumed.',
      exit.failed,
    )
  }
  return { text: bug(error), code: exit.internal }
}

function say(message: string, hint: string, code: number): { text: string; code: number } {
  return { text: `error: ${printable(message)}\n  hint: ${printable(hint)}\n`, code }
}

/** Who holds a key, in words. */
export function holderWords({ holder }: KeyTaken): string {
  if (!holder) return 'another process'
  const { run, actor, pid, host, since } = holder
  return `run ${run} (started by ${actor}, process ${pid} on ${host}, since ${since})`
}

function keyTaken(taken: KeyTaken): { text: string; code: number } {
  const run = taken.holder?.run ?? '<run>'
  if (taken.why === 'running')
    return say(
      `The key \`${taken.key}\` is held by ${holderWords(taken)}`,
      'Wait for it with --wait, or stop it there.',
      exit.failed,
    )
  return say(
    `The key \`${taken.key}\` belongs to ${holderWords(taken)}, which has not ended; a step of it may still be running`,
    `Take it up with \`runbook resume ${run}\`, or give it up with \`runbook abandon ${run} --reason "…"\`.`,
    exit.failed,
  )
}

function bug(error: unknown): string {
  const stack = error instanceof Error ? error.stack : String(error)
  return [
    'This is a bug in runbook, not in your runbook.',
    '',
    stack ?? '',
    '',
    `runbook ${version}, node ${process.version}, ${process.platform} ${process.arch}`,
    'Please report it with the lines above. A run that was under way can be taken up with `runbook resume last`.',
    '',
  ].join('\n')
}
