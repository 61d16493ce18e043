import { defineCommand, defineProgram, many, optional } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { day } from '../runner/kit/types.ts'
import type { ValueType } from '../runner/kit/types.ts'
import { failure, success } from '../runner/model/problem.ts'
import { runProgram } from '../runner/kit/program.ts'
import { parseDuration } from '../runner/model/values/duration.ts'

const phase: ValueType<{ name: string; offsetMs: number }> = {
  form: 'name=offset',
  read(text) {
    const [, name = '', sign = '', offset = ''] = /^(.+)=([+-]?)(\S+)$/.exec(text) ?? []
    const ms = parseDuration(offset)
    if (name === '' || ms === undefined) return failure('a name and an offset, such as Prepare=-2d')
    return success({ name, offsetMs: sign === '-' ? -ms : ms })
  },
}

const show = defineCommand({
  name: 'show',
  summary: 'Print on which day each phase is due, counted from the day of the release.',
  args: {},
  options: {
    date: optional(day, 'The day of the release, such as 2026-12-01. Default: today.'),
    phase: many(phase, 'Such as "Prepare=-2d".'),
    now: optional(day, 'Another day than today.'),
  },
  effect: 'read',
  examples: ["runbook due --date 2026-12-01 --phase Prepare=-2d --phase Canary=0d --phase 'Last look=+2d'"],
  run({ options }): Promise<CommandReport> {
    const today = Date.parse(options.now ?? new Date().toISOString().slice(0, 10))
    const release = options.date === undefined ? today : Date.parse(options.date)
    const phases = options.phase.map(({ name, offsetMs }) => {
      const due = release + offsetMs
      return { name, due: new Date(due).toISOString().slice(0, 10), late: due < today }
    })
    return Promise.resolve({
      document: { ok: true, phases },
      text: phases
        .map(({ name, due, late }) => `${due}  ${name}${late ? '  (that day is over)' : ''}\n`)
        .join(''),
    })
  },
})

export const program = defineProgram({
  name: 'runbook due',
  summary: 'Print the days of a release. Only reads.',
  commands: [show],
  fallback: 'show',
})

if (import.meta.main) await runProgram(program)
