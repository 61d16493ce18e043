import { fsync, readFile, rename, rm, writeFile } from 'node:fs'
import { promisify } from 'node:util'

/**
 * Calls of the file system during which the program does other things. `node:fs/promises` has the same, and brings the
 * reading of lines from a terminal with it, at the start of each run.
 */
export const meanwhile = {
  fsync: promisify(fsync),
  readFile: promisify(readFile),
  rename: promisify(rename),
  rm: promisify(rm),
  writeFile: promisify(writeFile),
}
