import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkerOf } from '../../../engine/sign/trust.ts'
import { makeVerify } from '../../../engine/verify-run.ts'
import { runFolder } from '../../../journal/record/run-store.ts'
import { sha256 } from '../../../journal/record/write-journal.ts'
import type { CommandReport } from '../../../kit/command.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import { version } from '../../../kit/version.ts'
import { isProblemError } from '../../../model/problem.ts'
import { scratchFolder } from '../../../scratch-folder.ts'
import type { TeamPort, TeamRun } from '../../../team/port.ts'
import { Away } from '../../../team/refusals.ts'
import { copyRun, linesIn, takeUp } from '../../../team/restore.ts'
import { trustFor } from '../../shared/people/keys.ts'
import { ageOf, reasonToKeep } from '../../shared/evidence/retention.ts'
import { openTeamOf } from '../../shared/team/open-team.ts'
import { openWorkspace } from '../../shared/workspace.ts'
import type { Request } from './index.ts'

/** Most runs that one call looks at, the oldest first. */
const mostRuns = 100_000

/** Removes what the retention allows. A run that does not verify stays, however old: it is evidence of a problem. */
export async function run({ io, options, dryRun }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const age = ageOf(config, options.olderThan)
  const { archive } = options
  if (archive === undefined && !dryRun)
    throw new CliError(
      exit.usage,
      'A run is removed from the database once a copy of it was verified elsewhere; nothing was removed',
      'Name the folder of copies with --archive, or look with --dry-run.',
    )
  const port = await openTeamOf(config)
  const verify = makeVerify(version, config.kinds)
  const check = checkerOf(trustFor(config), io.env)
  using scratch = scratchFolder('gc')
  const state = dryRun || archive === undefined ? scratch.path : resolve(io.cwd, archive)

  /** Why a run stays; undefined when its copy in the archive is the stored run, and verifies. */
  async function judged(row: TeamRun): Promise<string | undefined> {
    const { run: id, size, head } = row
    const folder = runFolder(state, id)
    await (existsSync(folder) ? takeUp(port, id, folder) : copyRun(port, id, folder))
    const lines = linesIn(folder)
    if (lines.length !== size || sha256(lines.at(-1) ?? '') !== head)
      return 'its lines are not those that its row names'
    return reasonToKeep(await verify(folder, check), age)
  }

  try {
    const removed: string[] = []
    const kept: { run: string; why: string }[] = []
    for (const row of (await ended(port)).filter(({ endedAt }) => isOld(endedAt, age))) {
      const { run: id, size, head } = row
      try {
        const why = await judged(row)
        if (why === undefined && !dryRun) await port.removeRun(id, size, head)
        if (why === undefined) removed.push(id)
        else kept.push({ run: id, why })
      } catch (error) {
        // One damaged run must not keep all others for ever.
        if (error instanceof Away || !isProblemError(error)) throw error
        kept.push({ run: id, why: error.message })
      }
    }
    const lines = [
      ...removed.map((id) => `${dryRun ? 'would remove' : 'removed'}  ${id}`),
      ...kept.map(({ run: id, why }) => `kept  ${id}  ${printable(why)}`),
    ]
    return {
      document: { removed, kept, ...(dryRun ? { dryRun } : {}) },
      text: lines.join('\n') || 'There are no runs past their retention.',
      exitCode: kept.length > 0 ? exit.failed : exit.done,
      hint: 'A run that does not verify stays. See `runbook verify <run> --team`.',
    }
  } finally {
    await port.close()
  }
}

/** The runs that have ended, the oldest first. */
async function ended(port: TeamPort): Promise<TeamRun[]> {
  const rows = await port.runs({ state: 'ended', limit: mostRuns })
  return rows.filter(({ size }) => size > 0).toReversed()
}

/** By the clock of this machine; the database asks its own again. */
function isOld(endedAt: Date | null, age: number): boolean {
  return endedAt !== null && endedAt.getTime() + age <= Date.now()
}
