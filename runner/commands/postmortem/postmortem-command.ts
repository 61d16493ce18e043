import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { Config } from '../../config.ts'
import { listRuns, readRun } from '../../journal/record/run-store.ts'
import { changesIn, stdoutOf } from '../../postmortem/printed-changes.ts'
import { detectedAt, draft } from '../../postmortem/draft.ts'
import type { PostmortemRun } from '../../postmortem/draft.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { identify } from '../shared/people/identify.ts'
import { incidentOfRun } from '../shared/incident-of-run.ts'
import { findRun, openWorkspace, shown } from '../shared/workspace.ts'
import { writeNewFile } from '../../write-whole.ts'
import { makeFolder } from '../../make-folder.ts'

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const main = readOne(config, findRun(config, args.run))
  const root = dirname(config.content)
  const opened = incidentOfRun(config, main.run, io)
  const incident = opened?.incident
  const from = detectedAt({ runs: [main], incident }) ?? main.state.startedAt
  const document = draft({
    runs: [main, ...sameHours(config, main, from)],
    incident,
    severity: opened?.severity,
    author: (await identify(config, io, 'terminal')).actor.id,
  })
  const file = resolve(
    io.cwd,
    options.out ?? opened?.postmortem ?? join(root, 'postmortems', `${main.run}.mdx`),
  )
  if (existsSync(file))
    throw new CliError(
      exit.usage,
      `${shown(file, io.cwd)} exists already`,
      'Somebody may have written in it: give another name with --out.',
    )
  if (dryRun) {
    io.out(io.json ? JSON.stringify({ file, dryRun, document }) : document)
    return exit.done
  }
  makeFolder(dirname(file), 0o777)
  writeNewFile(file, document)
  if (io.json) io.out(JSON.stringify({ file, run: main.run, incident: incident?.id ?? null }))
  else io.out(shown(file, io.cwd))
  io.note(
    'Fill in what only people know, let another person review it, then set `reviewedBy` and `status: closed`; `runbook check` says what is missing.',
  )
  return exit.done
}

function readOne(config: Config, id: string): PostmortemRun {
  const { folder, plan, events, state } = readRun(config.state, id)
  const changes = events.flatMap((event) => {
    const file = stdoutOf(event)
    // Its output may have been removed since; the journal still says that it ran.
    const path = file === undefined ? undefined : resolve(folder, file)
    if (path === undefined || !path.startsWith(folder + sep) || !existsSync(path)) return []
    return [[event.key, changesIn(readFileSync(path, 'utf8'))] as const]
  })
  return { run: id, plan, events, state, changes: new Map(changes) }
}

/** Runs that went on while the incident did: a rollback, a kill switch, a diagnosis. */
function sameHours(config: Config, main: PostmortemRun, from: string): PostmortemRun[] {
  const to = main.state.endedAt ?? main.events.at(-1)?.ts ?? main.state.startedAt
  return listRuns(config.state)
    .filter((id) => id !== main.run)
    .flatMap((id) => {
      try {
        const one = readOne(config, id)
        const inside = one.state.startedAt <= to && (one.state.endedAt ?? to) >= from
        return inside ? [one] : []
      } catch {
        return []
      }
    })
    .toReversed()
}
