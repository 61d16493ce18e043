import { fileURLToPath } from 'node:url'

/** The file that starts `runbook`, for a program that calls another command of it. */
export const ownProgram = fileURLToPath(new URL('../main.mjs', import.meta.url))
