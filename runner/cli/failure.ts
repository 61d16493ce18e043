import { KeyTaken } from '../engine/session.ts'
import { JournalError } from '../journal/read.ts'
import { ConfigError } from '../config.ts'
import { exit } from './exit.ts'
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
  const { code, syscall, path, message } = error as NodeJS.ErrnoException
  if (code !== undefined && syscall !== undefined) {
    return say(
      `${syscall} ${path ?? ''} failed: ${message}`,
      'Nothing further was done. Mend the cause; then `runbook runs` shows what can be resumed.',
      exit.failed,
    )
  }
  return { text: bug(error), code: exit.internal }
}

function say(message: string, hint: string, code: number): { text: string; code: number } {
  return { text: `error: ${message}\n  hint: ${hint}\n`, code }
}

function keyTaken({ key, holder }: KeyTaken): { text: string; code: number } {
  const who = holder
    ? `run ${holder.run} (started by ${holder.actor}, process ${holder.pid}, since ${holder.since})`
    : 'another process'
  return say(`The key \`${key}\` is held by ${who}`, 'Wait until it ends, or stop it there.', exit.failed)
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
