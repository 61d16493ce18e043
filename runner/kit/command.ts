import { exit } from './exit.ts'
import type { Io } from './io.ts'
import type { ValueType } from './types.ts'

/** Takes no value: given or not. */
export interface Flag {
  kind: 'flag'
  summary: string
  short?: string
}

type Presence = 'optional' | 'required' | 'default' | 'many'

/** Takes a value, as an option or as an argument. */
export interface Valued<T, P extends Presence = Presence> {
  kind: 'value'
  presence: P
  type: ValueType<T>
  summary: string
  short?: string
  /** How help shows the value, where the form of its type says too little. */
  form?: string
  /** Text that is read when nothing was given. */
  default?: string
}

export type Option = Flag | Valued<unknown>
export type Options = Readonly<Record<string, Option>>
/** Arguments by name, in the order they are written. Only the last can be `many`, and takes all that follow. */
export type Arguments = Readonly<Record<string, Valued<unknown>>>

type ValueOf<O> = O extends Flag
  ? boolean
  : O extends Valued<infer T, infer P>
    ? P extends 'many'
      ? T[]
      : P extends 'optional'
        ? T | undefined
        : T
    : never

/** The typed values of options or arguments. */
export type Values<O> = { [K in keyof O]: ValueOf<O[K]> }

interface Details {
  short?: string
  form?: string
}

export function flag(summary: string, short?: string): Flag {
  return { kind: 'flag', summary, ...(short === undefined ? {} : { short }) }
}

/** An empty value counts as none, so that a script can hand on a variable that may be empty. */
export function optional<T>(type: ValueType<T>, summary = '', details: Details = {}): Valued<T, 'optional'> {
  return { kind: 'value', presence: 'optional', type, summary, ...details }
}

export function required<T>(type: ValueType<T>, summary = '', details: Details = {}): Valued<T, 'required'> {
  return { kind: 'value', presence: 'required', type, summary, ...details }
}

/** May be given again; as an argument it takes all that follow, and one must be given. */
export function many<T>(type: ValueType<T>, summary = '', details: Details = {}): Valued<T, 'many'> {
  return { kind: 'value', presence: 'many', type, summary, ...details }
}

/** With a value that is read, and shown in help, when none was given. */
export function withDefault<T>(
  type: ValueType<T>,
  fallback: string,
  summary: string,
  details: Details = {},
): Valued<T, 'default'> {
  return { kind: 'value', presence: 'default', type, summary, default: fallback, ...details }
}

/** The arguments and options of a call, as typed values. */
export interface Call<A, O> {
  io: Io
  args: Values<A>
  options: Values<O>
  /** Read, say what would happen, and change nothing. Always false for a command that only reads. */
  dryRun: boolean
}

/** The result of a command: with --json the document is printed, otherwise the text. */
export interface CommandReport {
  document: object
  text: string
  /** Default: 0. */
  exitCode?: number
  /** The hint, printed when the exit code is not 0. */
  hint?: string
}

/** An exit code when the body has printed its results itself, else what is to be printed. */
export type CommandResult = number | CommandReport

/** The effect of a command on the world outside its output. */
type CommandEffect =
  | { effect: 'read' }
  /** Has `--dry-run`; `dryRun` is its text in help where the common one does not say enough. */
  | { effect: 'write'; dryRun?: string }
  /** Changes something and has no `--dry-run`, for the reason given. */
  | { effect: 'write'; noDryRun: string }
  /** Runs until it is ended. */
  | { effect: 'serve' }

interface Declaration<A extends Arguments, O extends Options> {
  /** One word, or two for a command of a group, such as `alerts check`. */
  name: string
  /** One sentence. */
  summary: string
  args: A
  options: O
  examples: readonly string[]
  /**
   * For work that may take long: the sentence about its results that follows `Interrupted.` when a signal breaks it off. The body gives the
   * process turns, as `watched` does, since a signal is heard in one.
   */
  interrupted?: string
  /** With --json it prints events, one per line, and so no document of a failure. */
  events?: true
}

type Run<A, O> = (call: Call<A, O>) => Promise<CommandResult>

/** The body, or where it is loaded from when the command is called. */
type Body<A, O> = { run: Run<A, O> } | { load(): Promise<{ run: Run<A, O> }> }

/** A command whose types of values are known to its own body alone. Help, completion and reference need no body. */
export type Command = Declaration<Arguments, Options> & Body<Arguments, Options> & CommandEffect

export function defineCommand<const A extends Arguments, const O extends Options>(
  declaration: Declaration<A, O> & Body<A, O> & CommandEffect,
): Command {
  return declaration as unknown as Command
}

/** @internal */
export function hasDryRun(command: Command): boolean {
  return command.effect === 'write' && !('noDryRun' in command)
}

const dryRun = 'Read, print what would happen, and change nothing.'

/** The options of a command by property, with `--dry-run` where it has one. */
export function optionsOf(command: Command): Options {
  if (!hasDryRun(command)) return command.options
  const text = 'dryRun' in command ? command.dryRun : undefined
  return { ...command.options, dryRun: flag(text ?? dryRun, 'n') }
}

/** A program whose commands are called under the name of another, as in `runbook flags list`. */
export interface Subprogram {
  /** One word. */
  name: string
  /** The same as that of the program. */
  summary: string
  load(): Promise<{ program: Program }>
}

/** Commands under one name, such as `runbook`. */
export interface Program {
  /** As it is typed, such as `runbook` or `runbook flags`. */
  name: string
  /** One sentence. */
  summary: string
  /** Commands by what they are for, in the order of help. */
  groups: readonly (readonly [title: string, commands: readonly Command[]])[]
  /** Programs under this one, with the title of their list in help. Each is loaded when it is called. */
  programs?: readonly [title: string, programs: readonly Subprogram[]]
  /** The command of a call that names none. */
  fallback?: string
  /** The meanings of its exit codes. */
  exits: readonly (readonly [code: number, meaning: string])[]
  examples: readonly string[]
}

/** A program of a few commands, whose examples are theirs. `fallback` names the command of a call that names none. */
export function defineProgram(
  program: Pick<Program, 'name' | 'summary' | 'fallback'> & { commands: readonly Command[] },
): Program {
  const { commands, ...rest } = program
  return {
    ...rest,
    groups: [['Commands', commands]],
    exits: [
      [exit.done, 'done'],
      [exit.failed, 'failed'],
      [exit.usage, 'usage'],
      [exit.internal, 'a bug in the program'],
    ],
    examples: commands.flatMap(({ examples }) => examples),
  }
}

export function commandsOf({ groups }: Program): Command[] {
  return groups.flatMap(([, commands]) => commands)
}

/** Options every command has. */
export const globalOptions = {
  help: flag('Show help.', 'h'),
  json: flag('Print JSON: one document, or one event per line from a command that keeps running.'),
  quiet: flag('Print results and errors only.', 'q'),
  noInput: flag('Never ask; exit with 5 when a decision is needed.'),
  noColor: flag('No colors (NO_COLOR works too).'),
} satisfies Options

/** The name of an option as it is typed, from the property it is declared as: `--dry-run` for `dryRun`. */
export function optionName(property: string): string {
  return `--${property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The value of an option as help shows it: empty for a flag. */
export function formOf(option: Option): string {
  return option.kind === 'flag' ? '' : (option.form ?? option.type.form)
}

/** An argument as usage lines show it. */
function argumentForm(argument: Valued<unknown>): string {
  const { presence } = argument
  const form = presence === 'optional' ? `[${formOf(argument)}]` : `<${formOf(argument)}>`
  return presence === 'many' ? `${form}…` : form
}

/** The meaning of an option, in sentences, for help and docs. */
export function meaningOf(option: Option): string {
  if (option.kind === 'flag') return option.summary
  const fallback = option.default === undefined ? '' : ` Default: ${option.default}.`
  return `${option.presence === 'required' ? 'Required. ' : ''}${option.summary}${fallback}${option.presence === 'many' ? ' May be repeated.' : ''}`
}

/** The line that shows how a command is called. */
export function usageOf(program: Program, command: Command): string {
  const name = command.name === program.fallback ? [] : [command.name]
  return [program.name, ...name, ...Object.values(command.args).map(argumentForm)].join(' ')
}
