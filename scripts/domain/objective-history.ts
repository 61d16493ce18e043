import { readFile } from 'node:fs/promises'
import { writeAtomically } from '../lib/atomic.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { codeOf } from '../lib/errors.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import type { Passing } from './objectives.ts'

/** Runs that passed, oldest first. */
export type History = readonly Passing[]

const KEPT = 100

/** Reads earlier passing runs; none when there is no file yet. @throws {CliError} when it holds something else */
export async function readHistory(file: string): Promise<History> {
  return (await readRuns(file)).map(({ values }) => values)
}

async function readRuns(file: string): Promise<{ at: string; values: Passing }[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
  const list: unknown = JSON.parse(text)
  if (Array.isArray(list) && list.every((run) => isRecord(run) && isRecord(run['values'])))
    return list as { at: string; values: Passing }[]
  throw new CliError(
    exit.failed,
    `${file} is not a history: expected a list of runs with values`,
    'Name another --history.',
  )
}

/** Adds a run that passed; the oldest of more than a hundred are dropped. */
export async function addPassing(file: string, measured: ReadonlyMap<string, string>): Promise<void> {
  const list = [
    ...(await readRuns(file)),
    { at: new Date().toISOString(), values: Object.fromEntries(measured) },
  ].slice(-KEPT)
  await writeAtomically(file, `${JSON.stringify(list, null, 2)}\n`)
}
