import { readFile } from 'node:fs/promises'
import type { Traffic, Weights } from '../lab/model.ts'
import { writeAtomically } from './atomic.ts'
import { Failure, codeOf, usageFailure } from './failure.ts'
import { isRecord } from './http.ts'
import { integer } from './values.ts'

/** Weights from `blue=90,green=10`: both colors, integers from 0 to 100, not both 0. @throws {Failure} usage */
export function parseWeights(text: string): Weights {
  const match = /^blue=(\d+),green=(\d+)$/.exec(text) ?? /^green=(?<green>\d+),blue=(?<blue>\d+)$/.exec(text)
  if (match === null)
    throw usageFailure(
      `Unexpected value "${text}" for --weights.`,
      'Expected both colors.',
      'Write it as --weights blue=90,green=10.',
    )
  const blue = integer(match.groups?.['blue'] ?? match[1] ?? '', '--weights', 0, 100)
  const green = integer(match.groups?.['green'] ?? match[2] ?? '', '--weights', 0, 100)
  if (blue + green === 0)
    throw usageFailure(
      'Both weights are 0.',
      'No color would get a request.',
      'Give at least one of them weight.',
    )
  return { blue, green }
}

/** Keeps weights in a file, for `restore`. */
export async function saveWeights(file: string, traffic: Traffic, admin: string): Promise<void> {
  await writeAtomically(
    file,
    `${JSON.stringify({ weights: traffic.weights, version: traffic.version, live: traffic.live, lab: admin, readAt: new Date().toISOString() }, null, 2)}\n`,
  )
}

/** Reads weights that {@link saveWeights} kept. @throws {Failure} when the file is missing or holds something else */
export async function loadWeights(file: string): Promise<Weights> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    const weights = isRecord(value) && isRecord(value['weights']) ? value['weights'] : {}
    const { blue, green } = weights
    if (Number.isInteger(blue) && Number.isInteger(green))
      return parseWeights(`blue=${String(blue)},green=${String(green)}`)
    throw new Failure(
      `${file} holds no weights.`,
      'Expected {"weights":{"blue":…,"green":…}}.',
      'Give the file that traffic.ts set --save wrote.',
    )
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure(
      `${file} cannot be read.`,
      codeOf(error) || 'It is no JSON.',
      'Give the file that traffic.ts set --save wrote.',
    )
  }
}

/** Weights as people read them. */
export function weightsText(weights: Weights): string {
  return `blue ${weights.blue}, green ${weights.green}`
}

/** True when both colors have the same weight in both. */
export function sameWeights(a: Weights, b: Weights): boolean {
  return a.blue === b.blue && a.green === b.green
}
