import type { Options, Values } from './args.ts'

/** What a command found or did: `document` is printed with `--json`, `text` without. */
export interface Outcome {
  document: object
  text: string
  /** Exit code; default 0. */
  exitCode?: 0 | 1
  /** What to do about it, printed on standard error when the exit code is 1. Not for a question that is answered with no. */
  remedy?: string
}

/** One command of a program. */
export interface Command<O extends Options = Options> {
  summary: string
  /** Positionals that must be given, in order, such as `KIND`. */
  positionals?: readonly string[]
  options: O
  /** Lines shown at the end of the help text. */
  examples?: readonly string[]
  run(values: Values<O>, positionals: readonly string[]): Promise<Outcome | undefined>
}

/** A program: one or more commands. The command named by `fallback` runs when the first argument is no word. */
export interface Program {
  /** As typed, such as `node scripts/build.ts`. */
  name: string
  summary: string
  commands: Record<string, Command>
  fallback?: string
}

/** Keeps the types of a command's own flags inside its `run`. */
export function command<O extends Options>(definition: Command<O>): Command {
  return definition
}
