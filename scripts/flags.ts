import { defineProgram } from '../runner/kit/command.ts'
import { runProgram } from '../runner/kit/program.ts'
import { archive, create, describe, restore, set, target } from './programs/flags/commands-change.ts'
import {
  check,
  compare,
  evaluate,
  idle,
  lint,
  list,
  references,
  show,
  stale,
} from './programs/flags/commands-read.ts'
import { kill } from './programs/flags/kill.ts'

export const program = defineProgram({
  name: 'runbook flags',
  summary: 'Read feature flags, change them with proof, and retire them.',
  commands: [
    list,
    show,
    create,
    set,
    target,
    describe,
    kill,
    restore,
    archive,
    check,
    evaluate,
    compare,
    idle,
    lint,
    references,
    stale,
  ],
})

if (import.meta.main) await runProgram(program)
