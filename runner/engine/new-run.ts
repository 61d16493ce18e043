import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { canonical } from '../journal/record/canonical.ts'
import { files, hasBegun, runFolder } from '../journal/record/run-store.ts'
import { openJournal, sha256, syncPath } from '../journal/record/write-journal.ts'
import type { Journal } from '../journal/record/write-journal.ts'
import { meanwhile } from '../meanwhile.ts'
import { traceparentIn } from '../model/people/agents.ts'
import type { JsonObject } from '../model/values/json.ts'
import type { Plan } from '../model/plan.ts'
import type { Selection } from './plan/selection.ts'
import { sourceState } from './plan/source-state.ts'
import { machineOf } from './process/machine.ts'
import type { Driver } from './run.ts'
import { keepTrust } from './sign/trust.ts'
import { makeFolder } from '../make-folder.ts'

export interface NewRun {
  plan: Plan
  document: Buffer
  cwd: string
  version: string
  selection?: Selection | undefined
  /** A drill, marked as one for ever. */
  practice?: boolean
  /** Its id, where it was named before it starts. */
  run?: string
  /** The run and the step that include it. */
  parent?: { run: string; step: string }
  /** The alert that asked for it, for the record. */
  alert?: JsonObject
  /** Why it may go past a run that holds its key and only waits. */
  emergency?: string | undefined
}

/**
 * Makes the folder of a run and writes its first event. All of the rest is on the disk before that event says that there
 * is a run; `kept` is when its key is.
 */
export async function createRun(
  id: string,
  start: NewRun,
  kept: Promise<void>,
  driver: Driver,
  more: JsonObject = {},
): Promise<Journal> {
  const folder = runFolder(driver.state, id)
  const reading = sourceState(start.cwd, driver.env)
  const planText = canonical(start.plan as unknown as JsonObject)
  // A run that was named before it started may have left its folder in a crash.
  if (!hasBegun(folder)) rmSync(folder, { recursive: true, force: true })
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
  try {
    await together([
      writeSynced(join(folder, files.plan), planText),
      writeSynced(join(folder, files.document), start.document),
      syncPath(dirname(folder)),
      kept,
    ])
    const signersSha256 = keepTrust(driver.trust, folder)
    const journal = openJournal(join(folder, files.journal), { run: id, onEvent: driver.onEvent })
    const data = {
      ...startedData(start, planText, driver.state),
      signersSha256,
      ...keyed(driver),
      ...more,
      source: await reading,
    }
    journal.append('run-started', '', data, driver.askedBy ?? driver.actor)
    return journal
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** The key that runs, where one signs, who seals, the part of the team, and the trace of whoever asked. */
export function keyed({ signedWith, sealer, teamNote, env }: Driver): JsonObject {
  const traceparent = traceparentIn(env['TRACEPARENT'])
  return {
    ...(signedWith === undefined ? {} : { signedWith }),
    ...(sealer === undefined ? {} : { sealedBy: sealer.id }),
    ...teamNote,
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

function writeSynced(file: string, content: string | Buffer): Promise<void> {
  return meanwhile.writeFile(file, content, { flag: 'wx', mode: 0o600, flush: true })
}

/** A disk that is asked for several syncs at once makes them one. All have ended when it resolves or rejects. */
async function together(writes: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function startedData(
  { plan, cwd, version, alert, parent, practice }: NewRun,
  planText: string,
  state: string,
): JsonObject {
  const { slug, title, inputs, secrets, file, sha256: documentSha256, concurrency } = plan
  const steps = plan.steps.map(({ id }) => id)
  const planSha256 = sha256(planText)
  const inputsSha256 = sha256(canonical(inputs))
  const what = { slug, title, inputs, secrets, file, documentSha256, planSha256, inputsSha256 }
  return {
    ...what,
    concurrency,
    steps,
    cwd,
    version,
    ...(alert ? { alert } : {}),
    ...(practice ? { practice } : {}),
    ...(parent ? { parent } : {}),
    ...machineOf(state),
  }
}
