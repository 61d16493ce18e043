import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { failure, success } from './model/problem.ts'
import type { Outcome } from './model/problem.ts'

/** For the address of each page, such as `runbooks/rollback/`, the names links from outside may lead to. */
export type Promises = Record<string, string[]>

/** The committed list of promised addresses, beside the folder of the runbooks. */
export function promisesFile(content: string): string {
  return join(dirname(content), 'anchors.json')
}

/** Undefined when nothing has been promised; a problem when the file is not such a list. */
export function readPromises(file: string): Outcome<Promises> | undefined {
  if (!existsSync(file)) return undefined
  try {
    const read = z.record(z.string(), z.array(z.string())).safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return read.success
      ? success(read.data)
      : failure('The list of promised addresses has something else than lists of names')
  } catch {
    return failure('The list of promised addresses cannot be read as JSON')
  }
}
