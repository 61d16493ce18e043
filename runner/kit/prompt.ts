import { isCancel, password, select, text } from '@clack/prompts'

/** The person pressed Ctrl-C or closed the terminal at a prompt. Never an answer. */
export class PromptCancelled extends Error {
  override name = 'PromptCancelled'
}

const output = process.stderr

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
  const shared = { message, validate, output, ...(signal ? { signal } : {}) }
  return settled(await whileOpen(secret ? password(shared) : text(shared)))
}

export interface Choice<T extends string> {
  value: T
  label: string
  hint?: string
}

export async function askChoice<T extends string>(
  message: string,
  choices: readonly Choice<T>[],
  signal?: AbortSignal,
): Promise<T> {
  const options = choices as unknown as { value: string; label: string; hint?: string }[]
  return settled(await whileOpen(select({ message, options, output, ...(signal ? { signal } : {}) }))) as T
}

function settled(answer: string | symbol): string {
  if (isCancel(answer) || typeof answer === 'symbol')
    throw new PromptCancelled('The question was left without an answer')
  return answer
}

/** A terminal that goes away in mid-prompt leaves the promise open for ever; its end is a cancellation. */
async function whileOpen<T>(answer: Promise<T>): Promise<T> {
  const closed = Promise.withResolvers<never>()
  const close = (): void => closed.reject(new PromptCancelled('The terminal was closed'))
  process.stdin.once('end', close)
  try {
    return await Promise.race([answer, closed.promise])
  } finally {
    process.stdin.off('end', close)
  }
}
