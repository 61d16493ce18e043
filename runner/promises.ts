import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'

/** For the address of each page, such as `runbooks/rollback/`, the names links from outside may lead to. */
export type Promises = Record<string, string[]>

/** The committed list of promised addresses, beside the folder of the runbooks. */
export function promisesFile(content: string): string {
  return join(dirname(content), 'anchors.json')
}

/** Undefined when nothing has been promised; a problem, as one sentence, when the file is no such list. */
export function readPromises(file: string): Promises | { problem: string } | undefined {
  if (!existsSync(file)) return undefined
  try {
    const read = z.record(z.string(), z.array(z.string())).safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return read.data ?? { problem: 'The list of promised addresses has something else than lists of names' }
  } catch {
    return { problem: 'The list of promised addresses cannot be read as JSON' }
  }
}

/** Whether a list could not be read. */
export function isBroken(read: Promises | { problem: string }): read is { problem: string } {
  return typeof read['problem'] === 'string'
}
