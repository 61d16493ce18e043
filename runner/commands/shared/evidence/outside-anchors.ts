import type { Values } from '../../../kit/command.ts'
import type { outside } from '../options.ts'
import { resolve } from 'node:path'
import { keptIn, readStamp } from '../../../engine/sign/anchor.ts'
import { failed, ok, unproven } from '../../../journal/verify/check-result.ts'
import type { Check } from '../../../journal/verify/check-result.ts'
import { parseHead } from '../../../journal/verify/evidence.ts'
import { readTextWithin, readWithin } from '../../../journal/record/folder.ts'
import { evidenceFiles } from '../../../journal/record/run-store.ts'
import type { Io } from '../../../kit/io.ts'
import { ProblemError } from '../../../model/problem.ts'

/** The external evidence of a run: a repository with its head, an authority that stamped it. */
export async function anchorChecks(
  folder: string,
  options: Values<typeof outside>,
  io: Io,
): Promise<Check[]> {
  const head = readTextWithin(folder, evidenceFiles.head)
  if (head === undefined) return []
  return [...repoChecks(head, options, io), ...(await stampChecks(folder, head, options, io))]
}

function repoChecks(head: string, options: Values<typeof outside>, io: Io): Check[] {
  const repo = options.anchorRepo
  if (repo === undefined) return []
  const run = parseHead(head)?.run ?? ''
  const kept = keptIn(resolve(io.cwd, repo), `${run}.json`, `"run":"${run}"`, io.env)
  const newest = kept.filter(({ text: line }) => parseHead(line) !== undefined)
  if (newest.length === 0) return [failed('anchor', `${repo} keeps no head of this run`)]
  const same = newest.find(({ text: line }) => line === head)
  const later = newest.find(({ text: line }) => sizeOf(line) > sizeOf(head))
  if (!same || later)
    return [
      failed(
        'anchor',
        `${repo} keeps another head of this run (${(later ?? newest[0])?.where}): the end was cut off or rewritten`,
      ),
    ]
  return [ok('anchor', `${repo} keeps this head: ${same.where}`)]
}

function sizeOf(head: string): number {
  return parseHead(head)?.size ?? 0
}

async function stampChecks(
  folder: string,
  head: string,
  options: Values<typeof outside>,
  io: Io,
): Promise<Check[]> {
  const stamp = readWithin(folder, evidenceFiles.timeStamp)
  const authority = options.tsaCa
  if (!stamp) return authority === undefined ? [] : [failed('anchor', 'The run has no time stamp')]
  if (authority === undefined)
    return [
      unproven(
        'anchor',
        'There is a time stamp, not looked at: give --tsa-ca with the authority that made it',
      ),
    ]
  try {
    const time = await readStamp(stamp, head, resolve(io.cwd, authority), io.env)
    return [ok('anchor', `The authority stamped this head at ${time}`)]
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return [failed('anchor', `The time stamp does not hold: ${error.message}`)]
  }
}
