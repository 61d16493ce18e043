import { archive, create, kill, restore, set, target } from './flags/commands-change.ts'
import { check, compare, evaluate, idle, lint, list, references, show, stale } from './flags/commands-read.ts'
import type { Program } from './lib/command.ts'
import { runProgram } from './lib/program.ts'

export const program: Program = {
  name: 'node scripts/flags.ts',
  summary: 'feature flags: read, change with proof, retire.',
  commands: {
    list,
    show,
    create,
    set,
    target,
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
  },
}

if (import.meta.main) await runProgram(program)
