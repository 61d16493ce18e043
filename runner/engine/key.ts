import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fold } from '../journal/fold.ts'
import { readJournal } from '../journal/read.ts'
import { files, runFolder } from '../journal/store.ts'
import { takeLock } from './lock.ts'
import type { Holder, Lock } from './lock.ts'
import { ProblemError } from '../model/problem.ts'

/** Another run holds the concurrency key. */
export class KeyTaken extends ProblemError {
  override name = 'KeyTaken'
  readonly key: string
  /** Who holds it, in words. */
  readonly holder: string
  /** `running`: a process has it. `unfinished`: its runner is gone, and it was neither resumed nor abandoned. */
  constructor(key: string, holder: Holder | undefined, why: 'running' | 'unfinished') {
    const words = holder ? holderWords(holder) : 'another process'
    const run = holder?.run ?? '<run>'
    super(
      why === 'running'
        ? {
            message: `The key \`${key}\` is held by ${words}`,
            hint: 'Wait for it with --wait, or stop it there.',
          }
        : {
            message: `The key \`${key}\` belongs to ${words}, which has not ended; a step of it may still be running`,
            hint: `Take it up with \`runbook resume ${run}\`, or give it up with \`runbook abandon ${run} --reason "…"\`.`,
          },
    )
    this.key = key
    this.holder = words
  }
}

function holderWords({ run, actor, pid, host, since }: Holder): string {
  return `run ${run} (started by ${actor}, process ${pid} on ${host}, since ${since})`
}

/** Left in the folder of a run that was given up although its journal cannot be read. */
export const abandonedFile = 'abandoned.json'

/** Whether a run still owns its key: it has begun, and neither ended nor was abandoned. */
function isUnfinished(state: string, run: string): boolean {
  const folder = runFolder(state, run)
  const journal = join(folder, files.journal)
  if (!existsSync(journal) || existsSync(join(folder, abandonedFile))) return false
  try {
    const events = readJournal(journal)
    return events.length > 0 && fold(events).endedAt === undefined
  } catch {
    // Nobody knows what a run did whose journal is broken; a person has to say that it is over.
    return true
  }
}

export interface KeyOptions {
  state: string
  key: string
  holder: Holder
  /** Waits until the key is free; told once for whom. Without it a taken key is refused at once. */
  onWaiting?: ((taken: KeyTaken) => void) | undefined
  cancelled: AbortSignal
}

const lookMs = 200

/**
 * Does something while it holds a key. `kept` resolves once a power failure would not free the key either: before that
 * nothing may be done to the world.
 */
export async function withKey<T>(options: KeyOptions, body: (kept: Promise<void>) => Promise<T>): Promise<T> {
  const lock = await takeKey(options)
  try {
    const kept = lock.hold(options.holder)
    const [done] = await Promise.all([body(kept), kept])
    return done
  } finally {
    lock.release(isUnfinished(options.state, options.holder.run))
  }
}

async function takeKey(options: KeyOptions): Promise<Lock> {
  for (let told = false; ; told = true) {
    const lock = tryKey(options)
    if (!(lock instanceof KeyTaken)) return lock
    if (!options.onWaiting || options.cancelled.aborted) throw lock
    if (!told) options.onWaiting(lock)
    await sleep(lookMs)
  }
}

function tryKey({ state, key, holder }: KeyOptions): Lock | KeyTaken {
  const lock = takeLock(state, key)
  if (!('release' in lock)) return new KeyTaken(key, lock.holder, 'running')
  const { before } = lock
  if (!before || before.run === holder.run || !isUnfinished(state, before.run)) return lock
  lock.release(true)
  return new KeyTaken(key, before, 'unfinished')
}
