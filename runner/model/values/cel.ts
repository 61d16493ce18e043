import { Environment } from '@marcbachmann/cel-js'
import { memo } from '../memo.ts'
import type { JsonObject } from './json.ts'

/** Arithmetic over whole numbers, where it stays whole, and over all. */
const operators: [
  string,
  ((a: bigint, b: bigint) => bigint) | undefined,
  (a: number, b: number) => number,
][] = [
  ['+', (a, b) => a + b, (a, b) => a + b],
  ['-', (a, b) => a - b, (a, b) => a - b],
  ['*', (a, b) => a * b, (a, b) => a * b],
  ['%', (a, b) => a % b, (a, b) => a % b],
  ['/', undefined, (a, b) => a / b],
]

const environment = withNumbers(
  new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false }),
)

/** The names an expression may read, each with its type in CEL. */
export type CelTypes = Readonly<Record<string, string>>

/** The variables of the condition of a step. All are text, as in scripts and templates. */
const stepTypes: CelTypes = {
  inputs: 'map<string, string>',
  outputs: 'map<string, string>',
  run: 'map<string, string>',
}
const conditions = environmentOf(stepTypes)

function environmentOf(types: CelTypes): Environment {
  return Object.entries(types).reduce(
    (made, [name, type]) => made.registerVariable(name, type),
    withNumbers(new Environment({ homogeneousAggregateLiterals: false })),
  )
}

/**
 * A number of JSON is a double unless a double cannot hold it, and the numbers of an expression are whole: here they
 * reckon with one another, exactly while both are whole.
 */
function withNumbers(made: Environment): Environment {
  const exact = (a: number | bigint, b: number | bigint): boolean =>
    [a, b].every((one) => typeof one === 'bigint' || Number.isSafeInteger(one))
  for (const pair of [
    ['double', 'int'],
    ['int', 'double'],
  ])
    for (const [operator, whole, any] of operators)
      made.registerOperator(`${pair.join(` ${operator} `)}: dyn`, (a: number | bigint, b: number | bigint) =>
        whole && exact(a, b) ? whole(BigInt(a), BigInt(b)) : any(Number(a), Number(b)),
      )
  return made
}

/** A name an expression reads: `inputs.x`, or one that stands for itself. */
export interface CelName {
  scope: string
  /** Empty when the expression uses the whole scope. */
  name: string
}

/** Undefined when the text is a CEL expression, else what is wrong with it. Source of the language: cel.dev. */
export function celProblem(expression: string): string | undefined {
  try {
    environment.parse(expression)
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n')[0]
  }
}

/** Undefined when the condition of a step is true or false whatever its names stand for, else what is wrong. */
export const conditionProblem = memo(500, (expression) => typeProblem(conditions, expression, 'bool'))

/** The same for an expression over other names, which must make what is wanted. */
export function expressionProblem(
  expression: string,
  types: CelTypes,
  wanted: 'bool' | 'map',
): string | undefined {
  return celProblem(expression) ?? typeProblem(environmentOf(types), expression, wanted)
}

function typeProblem(names: Environment, expression: string, wanted: 'bool' | 'map'): string | undefined {
  const { valid, type = '', error } = names.check(expression)
  if (!valid) return error?.message.split('\n')[0] ?? 'it has no type'
  // A value from JSON may be anything.
  if (type === 'dyn' || type.startsWith(wanted)) return undefined
  return `it is a value of type ${type}, not ${wanted === 'bool' ? 'true or false' : 'a map'}`
}

/**
 * Whether a condition holds. An input without a value is the empty text, and `has()` is false of it. Throws an Error
 * with one sentence when the condition is neither true nor false.
 */
export function evaluateCondition(
  expression: string,
  values: JsonObject & { inputs: Record<string, string> },
): boolean {
  const problem = conditionProblem(expression)
  if (problem !== undefined) throw new Error(problem)
  return conditions.evaluate(expression, { ...values, inputs: inputsFor(expression, values.inputs) }) === true
}

function inputsFor(expression: string, given: Record<string, string>): Record<string, string> {
  const { read, guarded } = celNames(expression)
  const names = read.filter(({ scope, name }) => scope === 'inputs' && name !== '').map(({ name }) => name)
  const all = { ...Object.fromEntries(names.map((name) => [name, ''])), ...given }
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== '' || !guarded.has(name)))
}

/** The names a valid expression reads, and those it asks for with `has()` first. Variables of macros are left out. */
export const celNames = memo(500, namesIn)

function namesIn(expression: string): { read: readonly CelName[]; guarded: ReadonlySet<string> } {
  const read: CelName[] = []
  const guarded = new Set<string>()
  const { ast } = environment.parse(expression) as unknown as { ast: unknown }
  const own = new Set(
    [...expression.matchAll(/\.\w+\(\s*([A-Za-z_]\w*)\s*,/g)].map((match) => match[1] ?? ''),
  )
  collect(ast, read)
  for (const [, name] of expression.matchAll(/\bhas\(\s*(?:inputs|outputs|run)\.(\w+)/g))
    guarded.add(name ?? '')
  return { read: read.filter(({ scope }) => !own.has(scope)), guarded }
}

function collect(node: unknown, read: CelName[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, read)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const { op, args } = node as { op?: unknown; args?: unknown }
  if (op === 'id' && typeof args === 'string') {
    read.push({ scope: args, name: '' })
    return
  }
  const [left, name] = Array.isArray(args) ? (args as unknown[]) : []
  const scope = left as { op?: unknown; args?: unknown } | undefined
  if (op === '.' && scope?.op === 'id' && typeof scope.args === 'string' && typeof name === 'string') {
    read.push({ scope: scope.args, name })
    return
  }
  collect(args, read)
}

/**
 * The value of a CEL expression over plain data; whole numbers are BigInts. Throws an Error with one sentence when it has
 * none.
 */
export function evaluateCel(expression: string, values: JsonObject): unknown {
  return environment.parse(expression)(values)
}
