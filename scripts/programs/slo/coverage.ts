import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { failure, success } from '../../../runner/model/problem.ts'
import type { Outcome } from '../../../runner/model/problem.ts'
import { messageOf } from '../../lib/errors.ts'
import { firstIssue } from '../../../runner/model/first-issue.ts'

export type Covered = 'lines' | 'statements' | 'branches' | 'functions'

const kind = z.looseObject({ total: z.number().min(1, 'nothing was counted'), pct: z.number() })
const summary = z.looseObject({
  total: z.looseObject({ lines: kind, statements: kind, branches: kind, functions: kind }).partial(),
})

/** The share that tests cover, in percent. A report that is missing or counted nothing is a problem. */
export async function readCoverage(file: string, of: Covered): Promise<Outcome<number>> {
  try {
    const read = summary.safeParse(JSON.parse(await readFile(file, 'utf8')))
    if (!read.success) return failure(`${file}: ${firstIssue(read.error)}`)
    const covered = read.data.total[of]
    return covered === undefined ? failure(`${file} does not count ${of}`) : success(covered.pct)
  } catch (error) {
    return failure(`${file} cannot be read: ${messageOf(error)}`)
  }
}
