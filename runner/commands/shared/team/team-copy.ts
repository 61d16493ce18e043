import type { Config } from '../../../config.ts'
import { runFolder } from '../../../journal/record/run-store.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { TeamPort, TeamRun } from '../../../team/port.ts'
import { openTeamOf } from './open-team.ts'
import { scratchFolder } from '../../../scratch-folder.ts'

/** A run of the team as the database has it, in a folder that is gone at the end. */
export interface TeamCopy extends AsyncDisposable {
  /** The workspace, with the state folder of the copy. */
  config: Config
  port: TeamPort
  row: TeamRun
}

/** Copies a run of the team here, by its id, the beginning or end of one, or `last`. */
export async function copyOf(config: Config, name: string): Promise<TeamCopy> {
  const port = await openTeamOf(config)
  const scratch = scratchFolder('team')
  const state = scratch.path
  const dispose = async (): Promise<void> => {
    scratch[Symbol.dispose]()
    await port.close()
  }
  try {
    const row = rowOf(await port.runs({ begun: true }), name)
    const { copyRun } = await import('../../../team/restore.ts')
    await copyRun(port, row.run, runFolder(state, row.run))
    return { config: { ...config, state }, port, row, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

function rowOf(rows: readonly TeamRun[], name: string): TeamRun {
  const exact = name === 'last' ? rows[0] : rows.find(({ run }) => run === name)
  const matches = exact ? [exact] : rows.filter(({ run }) => run.startsWith(name) || run.endsWith(name))
  const [only] = matches
  if (only && matches.length === 1) return only
  throw new CliError(
    exit.usage,
    matches.length > 1
      ? `\`${name}\` fits ${matches.length} runs of the team`
      : `The team has no run \`${name}\` that has begun`,
    'See `runbook orders --all`.',
  )
}
