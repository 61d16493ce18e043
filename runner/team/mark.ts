import { join } from 'node:path'
import { readTextWithin } from '../journal/record/folder.ts'
import { writeWhole } from '../write-whole.ts'
import { makeFolder } from '../make-folder.ts'

const file = 'team-mark'

/** The mark that the database gave this machine last; 0 when it never did. */
export function readMark(state: string): number {
  const mark = Number(readTextWithin(state, file) ?? '0')
  return Number.isSafeInteger(mark) ? mark : 0
}

/** Keeps it on the disk: a database that has a lower one is an older database. */
export function keepMark(state: string, mark: number): void {
  makeFolder(state)
  writeWhole(join(state, file), `${mark}\n`)
}
