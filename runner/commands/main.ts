import { runProgram } from '../kit/program.ts'
import { runbook } from './index.ts'

/** It listens for signals from here on. */
export const ended = runProgram(runbook)
