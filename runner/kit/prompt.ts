import { isCancel, password, select, settings, text } from '@clack/prompts'
import { ProblemError } from '../model/problem.ts'
import { exit } from './exit.ts'

/** The person pressed Ctrl-C at a prompt. Never an answer. */
export class PromptCancelled extends ProblemError {
  override name = 'PromptCancelled'
  constructor(message = 'The question was left without an answer', exitCode: number = exit.interrupted) {
    super({ message, hint: 'Answer it, or give the value on the command line.' }, exitCode)
  }
}

/** The input ended, or the terminal went away: nobody is there to answer. */
export class InputEnded extends PromptCancelled {
  override name = 'InputEnded'
  constructor() {
    super('The input ended before the question was answered', exit.waiting)
  }
}

const output = process.stderr

// A letter must not move the choice: somebody who types `ok` would take another one than the one they see.
for (const letter of ['h', 'j', 'k', 'l']) settings.aliases.delete(letter)

interface TextOptions {
  check?: (value: string) => string | undefined
  secret?: boolean
  options?: readonly string[] | undefined
  signal?: AbortSignal
}

export async function askText(
  message: string,
  { check, secret, options, signal }: TextOptions,
): Promise<string> {
  if (options)
    return askChoice(
      message,
      options.map((value) => ({ value, label: value })),
      signal,
    )
  const validate = (value: string | undefined): string | undefined => check?.(value ?? '')
  return answered(signal, (stop) => {
    const shared = { message, validate, output, signal: stop }
    return secret ? password(shared) : text(shared)
  })
}

export interface Choice<T extends string> {
  value: T
  label: string
  hint?: string
}

/** Nothing is chosen until the person moves to it, so that neither Enter nor typed words take an answer. */
export async function askChoice<T extends string>(
  message: string,
  choices: readonly Choice<T>[],
  signal?: AbortSignal,
): Promise<T> {
  const nothing = { value: '', label: 'Choose with ↑ and ↓' }
  const options: { value: string; label: string; hint?: string }[] = [nothing, ...choices]
  for (;;) {
    const answer = await answered(signal, (stop) => select({ message, options, output, signal: stop }))
    if (answer !== nothing.value) return answer as T
    nothing.label = 'Enter alone chooses nothing: move with ↑ and ↓ first'
  }
}

/** Waits for an answer. The end of the input would leave the promise of a prompt open for ever. */
async function answered(
  signal: AbortSignal | undefined,
  ask: (stop: AbortSignal) => Promise<string | symbol>,
): Promise<string> {
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const onKey = (_: string, key?: { ctrl?: boolean; name?: string }): void => {
    if (key?.ctrl === true && key.name === 'd') end()
  }
  process.stdin.once('end', end).on('keypress', onKey)
  try {
    const answer = await ask(AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]))
    if (ended.signal.aborted) throw new InputEnded()
    if (isCancel(answer) || typeof answer === 'symbol') throw new PromptCancelled()
    return answer
  } finally {
    process.stdin.off('end', end).off('keypress', onKey)
  }
}
