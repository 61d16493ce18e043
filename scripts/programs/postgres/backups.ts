import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface BaseBackup {
  /** The time of its end as the name of its folder, such as `20261130T041500Z`. */
  name: string
  /** Milliseconds since 1970. */
  at: number
}

const hourMs = 3_600_000

export const baseFolder = (repository: string): string => join(repository, 'base')
export const walFolder = (repository: string): string => join(repository, 'wal')

export function nameOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** The whole base backups of a repository, newest first. One that was broken off has no manifest. */
export function baseBackups(repository: string): BaseBackup[] {
  const folder = baseFolder(repository)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'backup_manifest')))
    .flatMap((name) => {
      const [, year, month, day, hour, minute, second] =
        /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name) ?? []
      const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
      return Number.isNaN(at) ? [] : [{ name, at }]
    })
    .toSorted((a, b) => b.at - a.at)
}

/** The time of the newest file of the archive; undefined when it is empty. Milliseconds since 1970. */
export function newestWal(repository: string): number | undefined {
  const folder = walFolder(repository)
  if (!existsSync(folder)) return undefined
  const times = readdirSync(folder)
    .filter((name) => /^[\dA-F]{24}$/.test(name))
    .map((name) => statSync(join(folder, name)).mtimeMs)
  return times.length === 0 ? undefined : times.reduce((newest, time) => Math.max(newest, time))
}

export interface Promises {
  /** Longest age of the newest base backup. Milliseconds, like the others. */
  maxAgeMs: number
  /** Longest age of the newest file of the archive. */
  maxWalAgeMs: number
  /** How long backups are kept. */
  keepMs: number
}

export interface Finding {
  state: 'ok' | 'warn' | 'fail'
  text: string
}

/** Judges backups by what is promised of them: exactly at its age a backup is still good. */
export function judgeBackups(
  backups: readonly BaseBackup[],
  wal: number | undefined,
  { maxAgeMs, maxWalAgeMs, keepMs }: Promises,
  now: number,
): Finding[] {
  const [newest] = backups
  const age = (at: number): string => `${((now - at) / hourMs).toFixed(1)} h old`
  const limit = (ms: number): string => `${(ms / hourMs).toFixed(1)} h`
  const base: Finding =
    newest === undefined
      ? { state: 'fail', text: 'there is no base backup' }
      : {
          state: now - newest.at > maxAgeMs ? 'fail' : 'ok',
          text: `the newest base backup ${newest.name} is ${age(newest.at)}, at most ${limit(maxAgeMs)} is promised`,
        }
  const archive: Finding =
    wal === undefined
      ? { state: 'fail', text: 'the archive of WAL is empty' }
      : {
          state: now - wal > maxWalAgeMs ? 'fail' : 'ok',
          text: `the newest WAL is ${age(wal)}, at most ${limit(maxWalAgeMs)} is promised`,
        }
  const old = backups.filter(({ at }) => now - at > keepMs)
  const kept: Finding[] =
    old.length === 0
      ? []
      : [
          {
            state: 'warn',
            text: `older than the ${keepMs / 86_400_000} days that are kept: ${old.map(({ name }) => name).join(', ')}`,
          },
        ]
  return [base, archive, ...kept]
}
