import { isProposed, listStoredAlerts } from '../../alerts/alert-store.ts'
import type { StoredAlert } from '../../alerts/alert-store.ts'
import { alertName } from '../../alerts/webhook.ts'
import { hasSignature, listRuns, readRun } from '../../journal/record/run-store.ts'
import type { RunStatus } from '../../journal/fold.ts'
import { runStatusWords } from '../../journal/story/tone.ts'
import { formatDuration } from '../../model/values/duration.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import { toneStyles } from '../shared/moment-line.ts'
import type { Io } from '../../kit/io.ts'
import type { Config } from '../../config.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { wordsOf } from '../shared/team/team-words.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'

interface Row {
  run: string
  slug: string
  status: string
  by: string
  startedAt: string
  endedAt: string | undefined
  signed: boolean
  practice?: true
  /** How to start a run that an alert proposes. */
  command?: string
}

/** An alert that leads to a runbook is a run that somebody is still to start. */
function proposedRow({ fingerprint, alert, firstAt, proposal, diagnosis }: StoredAlert): Row {
  const step = proposal?.step ? `#${proposal.step}` : ''
  const hint = diagnosis === undefined ? '' : `; diagnosis: runbook log ${diagnosis.run}`
  return {
    run: '',
    slug: `${proposal?.slug ?? ''}${step}`,
    status: 'proposed',
    by: `${alertName(alert).slice(0, 100)}${hint}`,
    startedAt: firstAt,
    endedAt: undefined,
    signed: false,
    command: `runbook exec --alert ${fingerprint}`,
  }
}

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  if (options.team) return runsOfTeam(config, io)
  const proposed = listStoredAlerts(config.state).filter(isProposed).map(proposedRow)
  const rows = [...proposed, ...listRuns(config.state).map((id) => rowOf(config.state, id))]
  if (io.json) io.out(JSON.stringify(rows, undefined, 2))
  else if (rows.length === 0)
    io.note(
      `There are no runs in ${shown(config.state, io.cwd)} yet. Start one with \`${io.program} exec <runbook>\`.`,
    )
  else {
    const width = Math.max(...rows.map(({ run: id }) => id.length))
    for (const row of rows) io.out(line(row, width, io))
  }
  return exit.done
}

/** The runs that have begun on any machine. */
async function runsOfTeam(config: Config, io: Io): Promise<number> {
  const port = await openTeamOf(config)
  try {
    const rows = await port.runs({ begun: true })
    if (io.json) io.out(JSON.stringify(rows, undefined, 2))
    else for (const row of rows) io.out(printable(wordsOf(row)))
    return exit.done
  } finally {
    await port.close()
  }
}

/** A run whose journal is broken is listed as such: one bad folder hides no other. */
function rowOf(stateFolder: string, id: string): Row {
  try {
    const { folder, state } = readRun(stateFolder, id)
    const { slug, status, actor, startedAt, endedAt, practice } = state
    return {
      run: id,
      slug,
      status,
      by: actor.id,
      startedAt,
      endedAt,
      signed: hasSignature(folder),
      ...(practice && { practice }),
    }
  } catch (error) {
    return {
      run: id,
      slug: '',
      status: `unreadable: ${(error as Error).message}`,
      by: '',
      startedAt: '',
      endedAt: undefined,
      signed: false,
    }
  }
}

function line(row: Row, width: number, io: Io): string {
  if (row.command !== undefined)
    return `${io.style('cyan', 'proposed')}  ${row.slug}  ${row.command}  ${printable(row.by)}`
  const { status, by, startedAt, endedAt, signed, practice } = row
  const words = Object.hasOwn(runStatusWords, status) ? runStatusWords[status as RunStatus] : undefined
  const color = toneStyles[words?.[1] ?? 'bad']
  const took = endedAt === undefined ? '' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt))
  return `${row.run.padEnd(width)}  ${io.style(color, printable(status).padEnd(11))}  ${took.padEnd(8)}  ${printable(by)}${practice ? '  practice' : ''}${signed ? '' : '  UNSIGNED'}`
}
