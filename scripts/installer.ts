import { defineProgram } from '../runner/kit/command.ts'
import { runProgram } from '../runner/kit/program.ts'
import { buildCommands } from './programs/installer/commands-build.ts'
import { checkCommands } from './programs/installer/commands-check.ts'

export const program = defineProgram({
  name: 'runbook installer',
  summary: 'Make installers for Windows, macOS and Linux, sign them, and check them.',
  commands: [...buildCommands, ...checkCommands],
})

if (import.meta.main) await runProgram(program)
