import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fold } from '../journal/fold.ts'
import { readJournal } from '../journal/record/read-journal.ts'
import { files, runFolder } from '../journal/record/run-store.ts'
import { takeLock } from './lock.ts'
import type { Holder, Lock } from './lock.ts'
import { isParked, passedHolder } from './parked-run.ts'
import { ProblemError } from '../model/problem.ts'

/** Another run holds the concurrency key. */
export class KeyTaken extends ProblemError {
  override name = 'KeyTaken'
  readonly key: string
  /** Who holds it, in words. */
  readonly holder: string
  /**
   * `running`: a process has it. `unfinished`: its runner is gone, and it was neither resumed nor abandoned. `elsewhere`:
   * another machine of the team has it.
   */
  constructor(
    key: string,
    holder: Holder | undefined,
    why: 'running' | 'unfinished' | 'parked' | 'elsewhere',
  ) {
    const words = holder ? holderWords(holder) : 'another process'
    const run = holder?.run ?? '<run>'
    super(
      why === 'running' || why === 'elsewhere'
        ? {
            message: `The key \`${key}\` is held by ${words}`,
            hint:
              why === 'running'
                ? 'Wait for it with --wait, or stop it: by Ctrl-C in its terminal, or by Stop on its page of `runbook serve`.'
                : `Wait for it with --wait. See \`runbook log ${run} --team\`; a machine that is gone is replaced with \`runbook takeover ${run} --to <runner>\`.`,
          }
        : {
            message: `The key \`${key}\` belongs to ${words}, ${why === 'parked' ? 'which waits for a person' : 'which has not ended; a step of it may still be running'}`,
            hint: `Resume it with \`runbook resume ${run}\`, or abandon it with \`runbook abandon ${run} --reason "…"\`.${why === 'parked' ? ' In an emergency overtake it with `--emergency "why"`.' : ''}`,
          },
    )
    this.key = key
    this.holder = words
  }
}

function holderWords({ run, actor, pid, host, since }: Holder): string {
  return `run ${run} (started by ${actor}, process ${pid} on ${host}, since ${since})`
}

/** Left in the folder of a run that was abandoned although its journal cannot be read. */
export const abandonedFile = 'abandoned.json'

/** Left in the folder of a run that another machine has taken over: the copy here is over. */
export const takenOverFile = 'taken-over.json'

/** Whether a run still owns its key: it has begun, and neither ended nor was abandoned nor taken over. */
function isUnfinished(state: string, run: string): boolean {
  const folder = runFolder(state, run)
  const journal = join(folder, files.journal)
  if (!existsSync(journal) || [abandonedFile, takenOverFile].some((name) => existsSync(join(folder, name))))
    return false
  try {
    const events = readJournal(journal)
    return events.length > 0 && fold(events).endedAt === undefined
  } catch {
    // The effects of a run with a broken journal are unknown; a person has to say that it is over.
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
  /** Goes past an unfinished run that holds the key and only waits; the key goes back to it at the end. */
  pass?: boolean
}

const lookMs = 200

/**
 * Does something while it holds a key. `kept` resolves once a power failure would not free the key either: before that
 * nothing may be done to the world.
 */
export async function withKey<T>(
  options: KeyOptions,
  body: (kept: Promise<void>, passed: Holder | undefined) => Promise<T>,
): Promise<T> {
  const lock = await takeKey(options)
  try {
    const kept = lock.hold(options.holder)
    const [done] = await Promise.all([body(kept, lock.passed), kept])
    return done
  } finally {
    const unfinished = isUnfinished(options.state, options.holder.run)
    const back = unfinished ? undefined : givenBack(options.state, options.holder.run)
    if (back) await lock.hold(back)
    lock.release(unfinished || back !== undefined)
  }
}

/** The run this one passed, when it still waits: the key is its own again. */
function givenBack(state: string, run: string): Holder | undefined {
  const journal = join(runFolder(state, run), files.journal)
  if (!existsSync(journal)) return undefined
  const passed = passedHolder(readJournal(journal)[0])
  return passed && isUnfinished(state, passed.run) ? passed : undefined
}

async function takeKey(options: KeyOptions): Promise<Lock & { passed?: Holder }> {
  for (let told = false; ; told = true) {
    const lock = tryKey(options)
    if (!(lock instanceof KeyTaken)) return lock
    if (!options.onWaiting || options.cancelled.aborted) throw lock
    if (!told) options.onWaiting(lock)
    await sleep(lookMs)
  }
}

function tryKey({ state, key, holder, pass }: KeyOptions): (Lock & { passed?: Holder }) | KeyTaken {
  const lock = takeLock(state, key)
  if (!('release' in lock)) return new KeyTaken(key, lock.holder, 'running')
  const { before } = lock
  if (!before || before.run === holder.run || !isUnfinished(state, before.run)) return lock
  const parked = isParked(state, before.run)
  if (pass && parked) return { ...lock, passed: before }
  lock.release(true)
  return new KeyTaken(key, before, parked ? 'parked' : 'unfinished')
}
