import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../model/values/json.ts'
import type { HubStore, Kind, Row } from './store.ts'
import { makeFolder } from '../../../make-folder.ts'

/** Most that the time of a file can say, in seconds. */
const latest = 4_102_444_800

/**
 * The store of a hub on one machine, as files below a folder that is its account's alone. A row is a file, complete from the
 * moment it is there; its time of change is its end. So processes of one machine share it, and it survives each of them.
 */
export function fileStore(folder: string, now: () => number = Date.now): HubStore {
  for (const part of ['session', 'login', 'token', 'once', 'secret', 'unsigned', 'count', 'audit', 'new'])
    makeFolder(join(folder, part))
  // Each process writes a chain of its own.
  const chain = `${new Date(now()).toISOString().replaceAll(/[^\d]/g, '').slice(0, 14)}-${randomUUID().slice(-12)}`
  let [seq, prev] = [0, '']
  const fileOf = (kind: string, id: string): string => join(folder, kind, `${digest(id)}.json`)
  const isOver = (until: number): boolean => until <= now()

  function read(file: string): Row | undefined {
    try {
      const { id, value } = JSON.parse(readFileSync(file, 'utf8')) as { id: string; value: JsonObject }
      const { mtimeMs } = statSync(file)
      return { id, value, until: mtimeMs }
    } catch {
      return undefined
    }
  }

  function rows(kind: Kind): Row[] {
    return readdirSync(join(folder, kind)).flatMap((name) => {
      const file = join(folder, kind, name)
      const row = read(file)
      if (row && !isOver(row.until)) return [row]
      if (row) rmSync(file, { force: true })
      return []
    })
  }

  function sweep(): void {
    for (const kind of ['session', 'login', 'once', 'unsigned'] as const) rows(kind)
    for (const name of readdirSync(join(folder, 'count'))) {
      const file = join(folder, 'count', name)
      if (now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now()) > 120_000)
        rmSync(file, { force: true })
    }
  }
  sweep()

  return {
    add: async (kind, { id, value, until }) => {
      const file = fileOf(kind, id)
      const old = existsSync(file) ? read(file) : undefined
      if (old && isOver(old.until)) rmSync(file, { force: true })
      const made = join(folder, 'new', randomUUID())
      writeFileSync(made, JSON.stringify({ id, value }), { mode: 0o600 })
      setEnd(made, until)
      try {
        linkSync(made, file)
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        return false
      } finally {
        rmSync(made, { force: true })
      }
    },
    get: async (kind, id) => {
      const row = read(fileOf(kind, id))
      return row && !isOver(row.until) ? row : undefined
    },
    extend: async (kind, id, until) => {
      try {
        setEnd(fileOf(kind, id), until)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    },
    take: async (kind, id) => {
      const taken = join(folder, 'new', randomUUID())
      try {
        renameSync(fileOf(kind, id), taken)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        return undefined
      }
      const row = read(taken)
      rmSync(taken, { force: true })
      return row && !isOver(row.until) ? row : undefined
    },
    list: async (kind) => rows(kind),
    count: async (key) => {
      const minute = Math.floor(now() / 60_000)
      const fd = openSync(fileOf('count', `${key} ${minute}`), 'a', 0o600)
      try {
        writeSync(fd, '.')
        return fstatSync(fd).size
      } finally {
        closeSync(fd)
      }
    },
    appendAudit: async (make) => {
      const line = make({ chain, seq, prev })
      const fd = openSync(join(folder, 'audit', `${chain}.jsonl`), 'a', 0o600)
      try {
        writeSync(fd, line)
        fsyncSync(fd)
        seq += 1
        prev = digest(line)
      } finally {
        closeSync(fd)
      }
    },
    audit: async () =>
      readdirSync(join(folder, 'audit'))
        .toSorted()
        .flatMap((name) => readFileSync(join(folder, 'audit', name), 'utf8').split(/(?<=\n)/)),
  }
}

function setEnd(file: string, until: number): void {
  const seconds = Math.min(until / 1000, latest)
  utimesSync(file, seconds, seconds)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
