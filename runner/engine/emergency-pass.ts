import { runFolder } from '../journal/record/run-store.ts'
import { asText } from '../model/values/json.ts'
import type { JsonObject } from '../model/values/json.ts'
import type { Holder } from './lock.ts'
import type { Driver } from './run.ts'
import { openSealedJournal } from './sign/sealed-journal.ts'
import { seal } from './sign/seal.ts'

interface Passing {
  /** Whose key is taken for a while. */
  passed: Holder
  /** The run that takes it. */
  by: string
  reason: string
}

/** Writes into the journal of a run that waits which other one went past it, who did that and why. The key must be held. */
export function recordPassing({ state, actor, signer }: Driver, { passed, by, reason }: Passing): void {
  const folder = runFolder(state, passed.run)
  const journal = openSealedJournal(folder, passed.run, () => undefined)
  try {
    journal.append('run-passed', '', { run: by, reason }, actor)
    const slug = asText(journal.events[0]?.data['slug'])
    seal({ state, folder, plan: { slug }, journal, actor, signer })
  } finally {
    journal.close()
  }
}

/** The record of the run that was overtaken, so that it gets the key back. */
export function passedData(passed: Holder, reason: string): JsonObject {
  return { passed: { ...passed, reason } }
}
