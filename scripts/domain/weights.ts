import { readFile } from 'node:fs/promises'
import type { Traffic, Weights } from '../lab/lab-model.ts'
import { writeAtomically } from '../lib/atomic.ts'
import type { ValueType } from '../../runner/kit/types.ts'
import { readAs } from '../../runner/kit/read-values.ts'
import { failure, success } from '../../runner/model/problem.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { codeOf } from '../lib/errors.ts'
import { isRecord } from '../../runner/model/values/json.ts'

/** Weights as `blue=90,green=10`: both colors, integers from 0 to 100, not both 0. */
export const weights: ValueType<Weights> = {
  form: 'blue=N,green=N',
  read(text) {
    const read = /^(blue|green)=(\d{1,3}),(blue|green)=(\d{1,3})$/.exec(text)
    const [, first = '', one, second, other] = read ?? []
    const shares = { [first]: Number(one), [second ?? '']: Number(other) } as Partial<Weights>
    const { blue = NaN, green = NaN } = shares
    if (blue <= 100 && green <= 100 && blue + green > 0) return success({ blue, green })
    return failure('both colors from 0 to 100 and not both 0, such as blue=90,green=10')
  },
}

/** Keeps weights in a file, for `restore`. */
export async function saveWeights(file: string, traffic: Traffic, admin: string): Promise<void> {
  await writeAtomically(
    file,
    `${JSON.stringify({ weights: traffic.weights, version: traffic.version, live: traffic.live, lab: admin, readAt: new Date().toISOString() }, null, 2)}\n`,
  )
}

/** Reads weights that {@link saveWeights} kept. @throws {CliError} when the file is missing or holds something else */
export async function loadWeights(file: string): Promise<Weights> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    const { blue, green } = isRecord(value) && isRecord(value['weights']) ? value['weights'] : {}
    if (Number.isInteger(blue) && Number.isInteger(green))
      return readAs(weights, `blue=${String(blue)},green=${String(green)}`, file)
    throw new CliError(
      exit.failed,
      `${file} holds no weights: expected {"weights":{"blue":…,"green":…}}`,
      'Give the file that traffic.ts set --save wrote.',
    )
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(
      exit.failed,
      `${file} cannot be read: ${codeOf(error) || 'it is not JSON'}`,
      'Give the file that traffic.ts set --save wrote.',
    )
  }
}

/** Weights as people read them. */
export function weightsText({ blue, green }: Weights): string {
  return `blue ${blue}, green ${green}`
}

/** True when both colors have the same weight in both. */
export function sameWeights(a: Weights, b: Weights): boolean {
  return a.blue === b.blue && a.green === b.green
}
