import type { InputSpec } from '../../../model/values/input-types.ts'
import type { DraftNames } from '../draft-names.ts'

/** Expressions of a workflow and the variables that hold their values here. */
export interface Expressions {
  /** The variable of an expression, without its braces. */
  variable(expression: string, line: number): string
  inputs: Record<string, InputSpec>
}

interface Sources {
  names: DraftNames
  /** Inputs of the workflow by their names there. */
  declared: ReadonlyMap<string, string>
  /** The output of a converted step or a job, by its expression. */
  outputs: ReadonlyMap<string, string>
  /** Values of a matrix. */
  matrix: ReadonlyMap<string, readonly string[]>
  note(line: number, message: string): void
}

export const githubTemplate = /\$\{\{([\s\S]*?)\}\}/g

/** An expression that has no counterpart is an input of the runbook: a person gives its value. */
export function makeExpressions(sources: Sources): Expressions {
  const { names, declared, outputs, matrix, note } = sources
  const inputs: Record<string, InputSpec> = {}
  const made = new Map<string, string>()
  const add = (expression: string, name: string, spec: InputSpec): string => {
    const own = names.variable(name)
    inputs[own] = spec
    made.set(expression, own)
    return own
  }
  return {
    inputs,
    variable(text, line) {
      const expression = text.trim().replaceAll(/\s+/g, ' ')
      const existing = made.get(expression) ?? outputs.get(expression)
      if (existing !== undefined) return existing
      const input = /^(?:github\.event\.)?inputs\.([\w-]+)$/.exec(expression)?.[1]
      const own = input === undefined ? undefined : declared.get(input)
      if (own !== undefined) return own
      const variable = /^env\.(\w+)$/.exec(expression)?.[1]
      if (variable !== undefined) return variable
      const secret = /^secrets\.([\w-]+)$/.exec(expression)?.[1]
      if (secret !== undefined)
        return add(expression, secret, {
          type: 'secret',
          description: `The secret ${secret} of the repository.`,
        })
      const configured = /^vars\.([\w-]+)$/.exec(expression)?.[1]
      if (configured !== undefined)
        return add(expression, configured, {
          type: 'string',
          description: `The variable ${configured} of the repository.`,
        })
      const dimension = /^matrix\.([\w-]+)$/.exec(expression)?.[1]
      const options = dimension === undefined ? undefined : matrix.get(dimension)
      if (dimension !== undefined && options !== undefined)
        return add(expression, `matrix_${dimension}`, {
          type: 'choice',
          description: `One value of the matrix.`,
          options: [...options],
        })
      const name = add(expression, expression.slice(0, 40), {
        type: 'string',
        description: `The value of ${expression} in the workflow.`,
      })
      note(line, `the expression \`${expression}\` became the input \`${name}\``)
      return name
    },
  }
}
