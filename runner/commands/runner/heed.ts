import { readAsked } from '../../engine/people/asked.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { hasBegun, readRun, runFolder } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { failure } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { asText, parseObject } from '../../model/values/json.ts'
import { believed, continuations } from '../../team/continuation.ts'
import type { Continuation } from '../../team/continuation.ts'
import type { TeamAnswer } from '../../team/port.ts'
import { linesIn } from '../../team/restore.ts'
import { pageDoubt } from '../../team/page-signature.ts'
import { trustFor } from '../shared/people/keys.ts'
import { personDoubt } from '../shared/team/service.ts'
import type { Seat } from './seat.ts'

/** A request to go on that was left for a run, and whether it counts at this moment. */
interface Heard {
  answer: TeamAnswer
  read: Outcome<Continuation>
}

/** The requests of people to resume a run or roll it back that were not read, judged by the keys of this checkout. */
export async function heard(seat: Seat, stored: StoredRun): Promise<Heard[]> {
  const { port, config, io } = seat
  const { events, folder, plan } = stored
  const open = await port.answers(stored.state.run, true)
  const wanted = open.filter(({ topic }) => continuations.some((one) => one === topic))
  if (wanted.length === 0) return []
  const now = {
    run: stored.state.run,
    planSha256: asText(events[0]?.data['planSha256']),
    events,
    hashes: linesIn(folder).map(sha256),
    check: checkerOf(trustFor(config), io.env),
    now: Date.now(),
  }
  return wanted.map((answer) => {
    const read = believed(parseObject(answer.answer) ?? {}, answer.topic, now)
    const doubt = read.ok
      ? (personDoubt(config, read.value.by.id) ??
        pageDoubt(asText(parseObject(answer.answer)?.['signature']), plan))
      : undefined
    return { answer, read: doubt === undefined ? read : failure(doubt) }
  })
}

/**
 * Stops the process of a run that asks something, when a person signed that it is resumed or rolled back: it goes on with
 * them. Under a step nothing is stopped, and the request counts once the step has ended and the run has not moved on.
 */
export async function giveWay(seat: Seat, run: string): Promise<void> {
  const stop = seat.stops.get(run)
  const folder = runFolder(seat.config.state, run)
  if (!stop || !hasBegun(folder)) return
  const stored = readRun(seat.config.state, run)
  if (readAsked(folder, stored.events) === undefined) return
  if ((await heard(seat, stored)).some(({ read }) => read.ok)) stop()
}
