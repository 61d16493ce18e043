import { defineProgram } from '../runner/kit/command.ts'
import { runProgram } from '../runner/kit/program.ts'
import { archive } from './programs/flags/change/archive.ts'
import { create } from './programs/flags/change/create.ts'
import { describe } from './programs/flags/change/describe.ts'
import { restore } from './programs/flags/change/restore.ts'
import { set } from './programs/flags/change/set.ts'
import { target } from './programs/flags/change/target.ts'
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
