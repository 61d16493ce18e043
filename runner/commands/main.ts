import { runProgram } from '../kit/program.ts'
import { runbook } from './index.ts'

await runProgram(runbook)
