import { setTimeout as sleep } from 'node:timers/promises'
import { KeyTaken } from '../engine/concurrency-key.ts'
import { Cancelled } from '../engine/loop/durable.ts'
import type { Opened, SharedRun, SharedRuns } from '../engine/shared-run.ts'
import type { Event } from '../journal/record/event.ts'
import { deliveries } from './deliver.ts'
import type { Notices } from './notices.ts'
import { permit } from './permit.ts'
import type { Owned, Ships, TeamPort } from './port.ts'
import { Away, Forked, Lost } from './refusals.ts'
import { linesIn, markTakenOver, takeUp, unmarkTakenOver } from './restore.ts'
import { shipping } from './shipment.ts'

/** Time between two looks whether a key is free, in milliseconds. */
const lookMs = 1000

/** This process, as one that drives runs of a team. */
export interface Member {
  port: TeamPort
  /** The name of its runner. */
  name: string
  /** The policy of runs that have no order. */
  ships: Ships
  notices: Notices
  /** Runs that are owned already: claimed for an order, or taken over. */
  claimed: ReadonlyMap<string, Owned>
  /** How long the rest of a journal is tried to be stored at the end of a stretch. */
  patience(): AbortSignal
  /** Told when it was not. */
  onUnstored(run: string, error: Error): void
}

export function sharedRuns(member: Member): SharedRuns {
  return {
    async open(opened) {
      const owned = member.claimed.get(opened.id) ?? (await takeKey(member, opened))
      const { port } = member
      const { id, folder } = opened
      try {
        const stored = await takeUp(port, id, folder, () => {
          // Lines of an order come from the database only after they are verified.
          if (member.claimed.has(id)) throw new Forked(`it has lines of run ${id} that this disk has not`)
        })
        unmarkTakenOver(folder)
        return await open(member, opened, owned, stored)
      } catch (error) {
        // Without a line the key is given back; a run that began keeps it.
        if (owned.size === 0 && linesIn(folder).length === 0 && !member.claimed.has(id))
          await port.finish(id, owned.epoch).catch(() => {})
        throw error
      }
    },
  }
}

async function takeKey({ port, ships }: Member, opened: Opened): Promise<Owned> {
  const { id: run, plan, parent, onWaiting, cancelled } = opened
  const wish = { run, slug: plan.slug, key: plan.concurrency, ships, parent }
  for (let told = false; ;) {
    if (cancelled.aborted) throw new Cancelled('The run was stopped before it had its key')
    try {
      const owned = await port.claimByHand(wish)
      if (owned) return owned
      const holder = await port.holder(plan.concurrency)
      if (holder !== undefined) {
        const since = holder.ownedAt.toISOString()
        const words = { run: holder.run, actor: holder.runner, host: holder.runner, pid: 0, since }
        const taken = new KeyTaken(plan.concurrency, words, 'elsewhere')
        if (!onWaiting) throw taken
        if (!told) onWaiting(taken)
        told = true
      }
    } catch (error) {
      // The run around waits for its part as long as it takes.
      if (!(error instanceof Away) || parent === undefined) throw error
    }
    await sleep(lookMs)
  }
}

async function open(member: Member, opened: Opened, owned: Owned, stored: number): Promise<SharedRun> {
  const { port, notices, name } = member
  const { id, folder, cancelled, stop } = opened
  const { epoch, ships } = owned
  const lines = linesIn(folder).map((line) => ({ line, event: JSON.parse(line) as Event }))
  let lost: Error | undefined
  let last: Event | undefined = lines.at(-1)?.event
  const onRefused = (error: Error): void => {
    lost ??= error
    stop?.(false)
  }
  const before = lines.slice(0, stored).map(({ event }) => event)
  const shipment = shipping({ port, run: id, epoch, folder, before, onRefused })
  // They may have been written just before the power went.
  for (const { event, line } of lines.slice(stored)) shipment.add(event, line, false)
  const answers = deliveries({ port, run: id, epoch, folder })
  const bring = (): void =>
    void answers
      .bring()
      .then(answers.report)
      .catch(() => {})
  const isOurs = async (): Promise<void> => {
    const [row] = await port.runs({ run: id })
    // One that is not there is no other owner's: the database may have been restored.
    if (row === undefined || (row.runner === name && row.epoch === epoch)) return
    const lostTo = new Lost(`the run ${id} belongs to ${row.runner ?? 'no runner'}`)
    if (row.epoch > epoch) markTakenOver(folder, lostTo.message, epoch)
    onRefused(lostTo)
  }
  const end = notices.on((notice) => {
    if (notice === '' || notice === `answer ${id}`) bring()
    if (notice === '' || notice === `takeover ${id}`) isOurs().catch(() => {})
  })
  bring()
  return {
    epoch,
    note: { runner: name, epoch },
    async permit() {
      if (lost) throw lost
      await permit({ port, run: id, epoch, ships, stored: shipment.stored, cancelled })
    },
    onEvent(event, line, synced) {
      last = event
      shipment.add(event, line, synced)
      if (lost) throw lost
      if (answers.hear(event)) void answers.report().catch(() => {})
    },
    async close() {
      end()
      try {
        if (lost) throw lost
        await shipment.finish(member.patience())
        await answers.report()
        if (last === undefined || last.type === 'run-ended') await port.finish(id, epoch)
      } catch (error) {
        if (error instanceof Lost) markTakenOver(folder, error.message)
        member.onUnstored(id, error as Error)
      } finally {
        shipment.stop()
      }
    },
  }
}
