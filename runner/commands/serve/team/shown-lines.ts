import type { Plan, PlannedStep } from '../../../model/plan.ts'

/** Most lines of one script in the text that is signed. */
const mostLines = 40

export function inputLines({ inputs }: Plan): string[] {
  return section(
    'Inputs',
    Object.entries(inputs).map(([name, value]) => `  ${name} = ${value}`),
  )
}

/** The steps with the commands of one role, as the person who signs reads them. */
export function stepLines(title: string, steps: readonly PlannedStep[], role: 'run' | 'undo'): string[] {
  return section(
    title,
    steps.flatMap(({ id, title: step, effect, fences }) => {
      const code = fences.filter((fence) => fence.role === role).flatMap((fence) => fence.code.split('\n'))
      const rest = code.length - mostLines
      return [
        `  ${id}  ${step}${effect === 'write' ? '  (changes something)' : ''}`,
        ...code.slice(0, mostLines).map((line) => `      ${line}`),
        ...(rest > 0 ? [`      … ${rest} more lines`] : []),
      ]
    }),
  )
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines]
}
