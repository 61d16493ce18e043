import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import { postmortemFile } from '../../postmortem/closing.ts'
import type { Incident } from '../../status/incident-file.ts'
import { readIncidents } from '../../status/read-incidents.ts'
import { parseSeverities } from '../../status/severities.ts'
import type { Severity } from '../../status/severities.ts'

/** The incident that a run opened, with its severity where the list has it, and the place of its postmortem. */
export interface IncidentOfRun {
  incident: Incident
  severity: Severity | undefined
  postmortem: string
}

/** The incident that a run opened; undefined where it opened none. @throws {ProblemError} for files that cannot be read */
export function incidentOfRun({ content }: Config, run: string, io: Io): IncidentOfRun | undefined {
  const root = dirname(content)
  const status = resolve(io.cwd, io.env['STATUS_DIR'] || join(root, 'status'))
  const incident = readIncidents(status).find((one) => one.run === run)
  if (incident === undefined) return undefined
  return {
    incident,
    severity: severityNamed(join(root, 'severities.yaml'), incident.severity),
    postmortem: postmortemFile(join(root, 'postmortems'), incident),
  }
}

function severityNamed(file: string, id: string | undefined): Severity | undefined {
  if (id === undefined || !existsSync(file)) return undefined
  return parseSeverities(file).severities.find((severity) => severity.id === id)
}
