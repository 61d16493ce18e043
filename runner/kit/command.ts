import type { Io } from './io.ts'

export interface Option {
  type: 'boolean' | 'string'
  short?: string
  multiple?: boolean
  /** How the value is called in help, such as `name=value`. */
  value?: string
  summary: string
}

export type OptionValues = Record<string, string | boolean | (string | boolean)[] | undefined>

export interface Call {
  io: Io
  positionals: string[]
  options: OptionValues
}

interface CommandModule {
  /** Returns the exit code. */
  run(call: Call): Promise<number>
}

export interface Positional {
  name: string
  required: boolean
  /** Whether all further arguments are more of the same. */
  rest?: boolean
}

export function positionalForm({ name, required, rest }: Positional): string {
  const form = required ? `<${name}>` : `[${name}]`
  return rest === true ? `${form}…` : form
}

/** What a flag means, for help and docs. */
export function meaningOf({ summary, multiple }: Option): string {
  return multiple ? `${summary} May be repeated.` : summary
}

/** A command as the table holds it: help, completion and docs are made from this alone. */
export interface Command {
  name: string
  summary: string
  /** Positional arguments, such as `<runbook>`. */
  positionals: readonly Positional[]
  options: Record<string, Option>
  examples: readonly string[]
  load(): Promise<CommandModule>
}

export function text(options: OptionValues, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

export function texts(options: OptionValues, name: string): string[] {
  const value = options[name]
  return Array.isArray(value) ? value.map(String) : []
}
