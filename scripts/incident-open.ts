import { defineCommand, defineProgram, optional, required } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { isOpen } from '../runner/status/incident-file.ts'
import { incidentNamed, openStore } from './programs/status/incident-store.ts'

const check = defineCommand({
  name: 'check',
  summary:
    'Exit with 0 when an incident of this severity is open, with 1 when it is not, or when that is unknown.',
  args: {},
  options: {
    incidentId: required(string('id'), 'Such as INC-2026-11-21-001.'),
    severity: required(string('id'), 'The severity it must have, such as P0.'),
    dir: optional(filePath('folder'), 'Folder of the status page (default STATUS_DIR, else content/status).'),
  },
  effect: 'read',
  examples: ['runbook incident-open --incident-id INC-2026-11-21-001 --severity P0'],
  run({ options }): Promise<CommandReport> {
    const wanted = options.severity
    const store = openStore(options.dir ?? (process.env['STATUS_DIR'] || 'content/status'))
    const incident = incidentNamed(options.incidentId, store)
    const [open, severity] = [isOpen(incident), incident.severity ?? 'of no severity']
    const holds = open && severity === wanted
    return Promise.resolve({
      document: { holds, incident: incident.id, open, severity },
      text: `${incident.id} is ${open ? 'open' : 'over'}, ${severity}\n`,
      exitCode: holds ? 0 : 1,
      hint: 'Take the full review, or name the incident that is open with this severity.',
    })
  },
})

export const program = defineProgram({
  name: 'runbook incident-open',
  summary: 'Check that an open incident allows an exception. Only reads.',
  commands: [check],
  fallback: 'check',
})

if (import.meta.main) await runProgram(program)
