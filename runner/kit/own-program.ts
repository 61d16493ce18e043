import { fileURLToPath } from 'node:url'
import { isSingleFile } from '../own-files.ts'

/** The arguments of Node's own program that start `runbook`, for a program that calls another command of it. */
export const ownProgram: readonly string[] = isSingleFile
  ? []
  : [fileURLToPath(new URL('../main.mjs', import.meta.url))]
