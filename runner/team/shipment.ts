import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askedFile, readAsked } from '../engine/people/asked.ts'
import { statWithin, readWithin } from '../journal/record/folder.ts'
import { files } from '../journal/record/run-store.ts'
import { syncPath } from '../journal/record/write-journal.ts'
import { fold } from '../journal/fold.ts'
import type { Event } from '../journal/record/event.ts'
import { isSafeName, namedFiles } from '../journal/verify/evidence.ts'
import type { TeamPort, Told } from './port.ts'
import { reconcile } from './reconcile.ts'
import { Away, Behind, Forked, Unready } from './refusals.ts'
import { linesIn, ofEnd, ofStart } from './restore.ts'

/** Lines are synced here after this time without another, in milliseconds. */
const quietMs = 100
/** How often the question that a run asks is looked for, in milliseconds. */
const lookMs = 500
/** Time between two tries while the database is away, in milliseconds: at first, and at most. */
const [againMs, mostAgainMs] = [200, 3000]
/** Most lines of one call. */
const mostLines = 200
/** Largest file that is stored, in bytes; a larger one stays on its machine, where the journal names its digest. */
const mostBytes = 64 * 1024 * 1024

export interface Shipping {
  port: Pick<TeamPort, 'ship' | 'putFile' | 'events'>
  run: string
  epoch: number
  folder: string
  /** The events up to the first line that is to be shipped. */
  before: readonly Event[]
  /** Told once, when the run belongs to another machine or another journal is stored. */
  onRefused(error: Error): void
}

export interface Shipment {
  /** Takes a line of the journal. Throws what the database refused with. */
  add(event: Event, line: string, synced: boolean): void
  /** Resolves once every line so far is stored; throws what the database refused with, and Away. */
  stored(): Promise<void>
  /** Syncs, and hands on every line and the files of the end; goes on while the database is away. */
  finish(giveUp: AbortSignal): Promise<void>
  stop(): void
}

/**
 * Hands a journal on while it is written. A line is shipped only once it is on this disk, so that a loss of power forks no
 * run, and after the files that it names.
 */
export function shipping(ship: Shipping): Shipment {
  const { port, run, epoch, folder } = ship
  const events = [...ship.before]
  /** Lines that are not stored yet, from the place `first`. Those before `synced` are on this disk. */
  let pending: { line: string; event: Event }[] = []
  let first = ship.before.length
  let synced = first
  let refused: Error | undefined
  let away: Error | undefined
  let told = ''
  let sent = Promise.resolve()
  const stopped = new AbortController()
  let quiet: NodeJS.Timeout | undefined
  let waiting: (() => void)[] = []

  const wake = (): void => {
    const all = waiting
    waiting = []
    for (const one of all) one()
  }
  const isOpen = (): boolean => refused === undefined && !stopped.signal.aborted
  const change = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))

  async function put(name: string, most = mostBytes): Promise<void> {
    const stats = statWithin(folder, name)
    if (stats === undefined || stats.size > most) return
    await port.putFile(run, epoch, name, readWithin(folder, name) ?? Buffer.alloc(0))
  }

  async function sendSynced(): Promise<void> {
    while (synced > first && isOpen()) {
      const batch = pending.slice(0, Math.min(synced - first, mostLines))
      for (const { event } of batch) {
        if (event.type === 'run-started') for (const name of ofStart) await put(name)
        for (const { file } of namedFiles([event])) if (isSafeName(file)) await put(file)
      }
      const lines = batch.map(({ line }) => line)
      const after = [...events, ...batch.map(({ event }) => event)]
      await port.ship(run, epoch, first, lines, tell(after))
      events.push(...batch.map(({ event }) => event))
      pending.splice(0, batch.length)
      first += batch.length
    }
  }

  function tell(all: readonly Event[]): Told {
    const asked = readAsked(folder, all)
    return { status: all.length === 0 ? '' : fold(all).status, waiting: asked?.topic ?? '' }
  }

  /** The question a run asks is in no line of its own; it is shown from elsewhere by this file. */
  async function sendAsked(): Promise<void> {
    const asked = readAsked(folder, events)
    const now = `${asked?.topic ?? ''} ${asked?.size ?? ''}`
    if (now === told || pending.length > 0 || first === 0) return
    if (asked) await put(askedFile)
    await port.ship(run, epoch, first, [], tell(events))
    told = now
  }

  /** One sender at a time. An outage is kept for those who wait; a refusal ends it. */
  function send(): Promise<void> {
    sent = sent.then(sendOnce)
    return sent
  }

  async function sendOnce(): Promise<void> {
    if (refused !== undefined) return
    try {
      await sendSynced()
      await sendAsked()
      away = undefined
    } catch (error) {
      if (error instanceof Away || error instanceof Unready) away = error
      else if (error instanceof Behind) await rewind().catch((again: Error) => (away = again))
      else {
        refused = error as Error
        ship.onRefused(refused)
      }
    }
  }

  /** The database is older than it was, as after a restore: all that it lost is shipped again. */
  async function rewind(): Promise<void> {
    const lines = linesIn(folder)
    const standing = reconcile(lines, await port.events(run))
    if (standing.type !== 'ahead') {
      refused = new Forked(`the database has other lines of run ${run} than this disk`)
      ship.onRefused(refused)
      return
    }
    const all = lines.map((line) => ({ line, event: JSON.parse(line) as Event }))
    events.splice(0, events.length, ...all.slice(0, standing.from).map(({ event }) => event))
    pending = all.slice(standing.from)
    first = standing.from
    synced = Math.max(first, Math.min(synced, lines.length))
    told = ''
  }

  async function sync(): Promise<void> {
    const upTo = first + pending.length
    if (upTo > synced) await syncPath(join(folder, files.journal))
    synced = Math.max(synced, upTo)
  }

  const pump = async (): Promise<void> => {
    let pause = againMs
    while (isOpen()) {
      await Promise.race([change(), sleep(lookMs, undefined, { ref: false })])
      if (stopped.signal.aborted) return
      await send()
      pause = away ? Math.min(pause * 2, mostAgainMs) : againMs
      if (away) await sleep(pause, undefined, { ref: false })
    }
  }
  void pump()

  return {
    add(event, line, isSynced) {
      pending.push({ event, line })
      if (refused !== undefined) throw refused
      clearTimeout(quiet)
      if (isSynced) {
        synced = first + pending.length
        wake()
      } else quiet = setTimeout(() => void sync().then(wake, wake), quietMs)
    },
    async stored() {
      await sync()
      while (pending.length > 0) {
        if (refused !== undefined) throw refused
        await send()
        if (away) throw away
      }
      if (refused !== undefined) throw refused
    },
    async finish(giveUp) {
      await sync()
      for (let pause = againMs; isOpen(); pause = Math.min(pause * 2, mostAgainMs)) {
        await send()
        try {
          if (refused === undefined && pending.length === 0 && away === undefined) {
            if (first > 0) for (const name of ofEnd) await put(name)
            return
          }
        } catch (error) {
          if (!(error instanceof Away || error instanceof Unready)) throw error
        }
        if (giveUp.aborted) throw away ?? new Away('there was no time to wait for it')
        await sleep(pause)
      }
      if (refused !== undefined) throw refused
    },
    stop() {
      stopped.abort()
      clearTimeout(quiet)
      wake()
    },
  }
}
