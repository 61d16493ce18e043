import { rmSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../../../config.ts'
import { askedFile } from '../../../engine/people/asked.ts'
import { holderOf, takeLock } from '../../../engine/lock.ts'
import type { Lock } from '../../../engine/lock.ts'
import { listWithin, readWithin } from '../../../journal/record/folder.ts'
import { files, runFolder } from '../../../journal/record/run-store.ts'
import { sha256 } from '../../../journal/record/write-journal.ts'
import { isRecord } from '../../../model/values/json.ts'
import type { JsonObject } from '../../../model/values/json.ts'
import type { TeamDesk, TeamRun } from '../../../team/port.ts'
import { openTeamOf } from '../../shared/team/open-team.ts'
import { writeWhole } from '../../../write-whole.ts'
import { makeFolder } from '../../../make-folder.ts'

/** Most runs that a hub shows, the newest first. */
const mostRuns = 500
/** How often the runners are looked at, in milliseconds; what happens in a run is told at once. */
const lookMs = 10_000

/** The runs of a team, copied from its database into a state folder of this process, where every page reads them. */
export interface Mirror {
  /** The workspace, with that state folder. */
  config: Config
  port: TeamDesk
  /** Copies what is new. */
  look(): Promise<void>
  /** Leaves the answers for a run in the database, where its runner finds them. */
  carry(run: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens it with a first copy.
 * @param begun waits while the database is away
 */
export async function openMirror(
  config: Config,
  begun: (body: () => Promise<boolean>) => Promise<boolean>,
): Promise<Mirror> {
  const port = await openTeamOf(config)
  const { copyFiles, takeUp } = await import('../../../team/restore.ts')
  const state = join(config.state, 'hub', 'mirror', String(process.pid))
  rmSync(state, { recursive: true, force: true })
  makeFolder(state)
  const seen = new Map<string, string>()
  const locks = new Map<string, Lock>()

  /** The question of a run is in no line of its journal, and comes on its own. */
  async function copyQuestion({ run, state: at, size }: TeamRun): Promise<void> {
    if (at !== 'owned' || size === 0) return
    const stored = (await port.files(run)).find(({ file }) => file === askedFile)
    const folder = runFolder(state, run)
    if (!stored || sha256(readWithin(folder, askedFile) ?? '') === stored.sha256) return
    writeWhole(join(folder, askedFile), await port.file(stored.sha256), { flush: false })
  }

  async function copy(row: TeamRun): Promise<void> {
    const version = [row.size, row.head, row.waiting, row.status, row.state].join(' ')
    if (row.size === 0 || seen.get(row.run) === version) return
    const folder = runFolder(state, row.run)
    // A copy that the database contradicts stays as it was first told.
    await takeUp(port, row.run, folder)
    if (row.state === 'ended') await copyFiles(port, row.run, folder)
    seen.set(row.run, version)
  }

  /** This process stands for the runner of a run, so that the pages say that it is driven. */
  async function stand({ run, key, runner }: TeamRun, isDriven: boolean): Promise<void> {
    const lock = locks.get(run)
    if (isDriven && !lock) {
      const taken = takeLock(state, key)
      if ('holder' in taken) return
      await taken.hold(holderOf(run, runner ?? ''))
      locks.set(run, taken)
    }
    if (!isDriven && lock) {
      lock.release(false)
      locks.delete(run)
    }
  }

  /** The last line of a run is stored before its seal: for a moment, evidence without one would be said not to hold. */
  async function isBeingSealed({ run, size, status }: TeamRun): Promise<boolean> {
    if (['', 'running', 'waiting', 'interrupted'].includes(status)) return false
    const [last = ''] = await port.events(run, size - 1)
    return last.includes('","type":"run-ended","v":1}')
  }

  async function lookOnce(): Promise<void> {
    const [rows, runners] = await Promise.all([port.runs({ begun: true, limit: mostRuns }), port.runners()])
    const alive = new Set(runners.filter((one) => one.alive).map(({ name }) => name))
    const isDriven = ({ state: at, runner }: TeamRun): boolean => at === 'owned' && alive.has(runner ?? '')
    const bring = (row: TeamRun): Promise<void> =>
      copy(row)
        .then(() => copyQuestion(row))
        .catch(() => undefined)
    // A page never shows a run without its runner: that one comes before the first line and goes after the last. The runs that
    // no runner drives are the first, for the next run of a key may be driven already.
    for (const row of rows) {
      if (isDriven(row)) continue
      await bring(row)
      await stand(row, false)
    }
    for (const row of rows) {
      if (!isDriven(row)) continue
      await stand(row, true)
      if (!(await isBeingSealed(row))) await bring(row)
    }
  }

  // One look at a time; a notice during one asks for another.
  let looking: Promise<void> | undefined
  let isWanted = false
  async function look(): Promise<void> {
    isWanted = true
    looking ??= (async () => {
      while (isWanted) {
        isWanted = false
        await lookOnce().catch(() => undefined)
      }
      looking = undefined
    })()
    await looking
  }

  await begun(() => lookOnce().then(() => true))
  const stop = new AbortController()
  port.listen((notice) => void (notice.startsWith('answer') || look()), stop.signal)
  const timer = setInterval(() => void look(), lookMs)
  return {
    config: { ...config, state },
    port,
    look,
    async carry(run) {
      const folder = runFolder(state, run)
      for (const file of listWithin(folder, files.inbox).files) {
        const name = /([^/]+?)(~[0-9a-f]+)?\.json$/.exec(file)?.[1]
        const answer = parsed(readWithin(folder, file)?.toString('utf8') ?? '')
        try {
          if (name !== undefined && answer)
            await port.answer(randomUUID(), run, decodeURIComponent(name), answer)
        } finally {
          // Many answers may wait in the database; here one would keep the next one out.
          rmSync(join(folder, file), { force: true })
        }
      }
    },
    async close() {
      stop.abort()
      clearInterval(timer)
      await looking
      for (const lock of locks.values()) lock.release(false)
      await port.close()
      rmSync(state, { recursive: true, force: true })
    },
  }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
