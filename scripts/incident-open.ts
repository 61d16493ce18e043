import { isOpen } from '../runner/status/incident.ts'
import { COMMON } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { runProgram } from './lib/program.ts'
import { required } from './lib/values.ts'
import { incidentNamed, openStore } from './status/store.ts'

const check = command({
  summary:
    'exits with 0 when an incident is open and of this severity, with 1 when it is not or nobody knows it.',
  options: {
    'incident-id': { type: 'string', value: 'ID', help: 'Such as INC-2026-11-21-001.' },
    severity: { type: 'string', value: 'ID', help: 'The severity it must have, such as P0.' },
    dir: {
      type: 'string',
      value: 'DIR',
      help: 'Folder of the status page (default STATUS_DIR, else content/status).',
    },
    ...COMMON,
  } as const,
  examples: ['node scripts/incident-open.ts --incident-id INC-2026-11-21-001 --severity P0'],
  run(values): Promise<Outcome> {
    const wanted = required(values.severity, '--severity')
    const store = openStore(values.dir ?? (process.env['STATUS_DIR'] || 'content/status'))
    const incident = incidentNamed(required(values['incident-id'], '--incident-id'), store)
    const [open, severity] = [isOpen(incident), incident.severity ?? 'of no severity']
    const holds = open && severity === wanted
    return Promise.resolve({
      document: { holds, incident: incident.id, open, severity },
      text: `${incident.id} is ${open ? 'open' : 'over'}, ${severity}\n`,
      exitCode: holds ? 0 : 1,
      remedy: 'Take the full review, or name the incident that is open with this severity.',
    })
  },
})

export const program: Program = {
  name: 'node scripts/incident-open.ts',
  summary: 'is there an open incident that allows an exception? Only reads.',
  commands: { check },
  fallback: 'check',
}

if (import.meta.main) await runProgram(program)
