import { inputsOf } from '../../journal/story/story.ts'
import type { StoryInput } from '../../journal/story/story.ts'
import { isScript, language } from '../../model/steps/languages.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'

const hidden = '(secret)'

/** The inputs of a run, in the order of the document; a secret is named only. */
export function inputLines(inputs: readonly StoryInput[], io: Io): string[] {
  return valueLines(
    inputs.map(({ name, value }) => [name, value ?? hidden]),
    io,
  )
}

/** The head of a stretch of a run: its title, more about it, and its inputs. */
export function sayHead(plan: Plan, more: string, io: Io): void {
  io.note(`${io.style('bold', printable(plan.title))}  ${io.style('dim', more)}`)
  for (const line of inputLines(inputsOf(plan), io)) io.note(line)
}

/** The values that the scripts of a step name as variables: inputs, the runbook's environment, and earlier outputs. */
export function usedValueLines(
  step: PlannedStep,
  plan: Plan,
  outputs: Readonly<Record<string, string>>,
  io: Io,
): string[] {
  const inputs = inputsOf(plan).map(({ name, value }): [string, string] => [name, value ?? hidden])
  const values = new Map([...Object.entries(plan.env), ...inputs, ...Object.entries(outputs)])
  const used = [...values].filter(([name]) =>
    step.fences.some((fence) => isScript(fence) && names(fence, name)),
  )
  return valueLines(used, io)
}

/** Whether a script names a variable: as `$name` or `${name…}` in a shell, as a word in any other language. */
function names({ lang, code }: { lang: string; code: string }, name: string): boolean {
  const sign = language(lang)?.shell === false ? String.raw`\b` : String.raw`\$\{?[#!]?`
  return new RegExp(String.raw`${sign}${name}\b`).test(code)
}

function valueLines(values: readonly (readonly [string, string])[], io: Io): string[] {
  const width = Math.min(24, Math.max(0, ...values.map(([name]) => name.length)))
  return values.map(
    ([name, value]) =>
      `  ${io.style('dim', `${name.padEnd(width)} =`)} ${printable(value).replaceAll('\n', `\n  ${' '.repeat(width + 3)}`)}`,
  )
}
