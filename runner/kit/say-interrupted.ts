import { sayWhenInterrupted } from '../when-interrupted.ts'

/**
 * Has a signal that breaks the call off told in a sentence, followed by `state`: one about what there is of the results. It takes the place of
 * what was to be said before. Returns what the end of the work calls: from then on signals end the process, which has only to print.
 */
export function sayInterrupted(state: string | (() => string)): () => void {
  sayWhenInterrupted(() => {
    const sentence = typeof state === 'string' ? state : state()
    process.stderr.write(`${`Interrupted. ${sentence}`.trimEnd()}\n`)
  })
  return () => sayWhenInterrupted(undefined)
}
