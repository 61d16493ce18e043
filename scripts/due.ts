import { parseDuration } from '../runner/model/duration.ts'
import { COMMON } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { usageFailure } from './lib/failure.ts'
import { runProgram } from './lib/program.ts'
import { required } from './lib/values.ts'

const show = command({
  summary: 'prints on which day each phase is due, counted from the day of the release.',
  options: {
    date: {
      type: 'string',
      value: 'DAY',
      help: 'The day of the release, such as 2026-12-01 (default today).',
    },
    phase: {
      type: 'string',
      multiple: true,
      value: 'NAME=OFFSET',
      help: 'Such as "Prepare=-2d". May be given more than once.',
    },
    now: { type: 'string', value: 'DAY', help: 'Another day than today.' },
    ...COMMON,
  } as const,
  examples: [
    "node scripts/due.ts --date 2026-12-01 --phase Prepare=-2d --phase Canary=0d --phase 'Last look=+2d'",
  ],
  run(values): Promise<Outcome> {
    const today = day(values.now ?? new Date().toISOString().slice(0, 10), '--now')
    const release = day(values.date ?? new Date(today).toISOString().slice(0, 10), '--date')
    const phases = (values.phase ?? []).map((text) => {
      const [, name = '', sign = '', offset = ''] = /^(.+)=([+-]?)(\S+)$/.exec(text) ?? []
      const ms = parseDuration(offset)
      if (name === '' || ms === undefined)
        throw usageFailure(
          `Unexpected value "${text}" for --phase.`,
          'Expected a name and an offset.',
          'Write it as --phase Prepare=-2d.',
        )
      const due = release + (sign === '-' ? -ms : ms)
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

function day(text: string, flag: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(required(text, flag)) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return time
  throw usageFailure(
    `Unexpected value "${text}" for ${flag}.`,
    'Expected a day.',
    `Write it as ${flag} 2026-12-01.`,
  )
}

export const program: Program = {
  name: 'node scripts/due.ts',
  summary: 'the days of a release. Only reads.',
  commands: { show },
  fallback: 'show',
}

if (import.meta.main) await runProgram(program)
