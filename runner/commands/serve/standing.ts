import { isSigned } from '../../engine/people/attest.ts'
import { readAsked } from '../../engine/people/asked.ts'
import { isStopAsked } from '../../engine/people/stop-requests.ts'
import { hasRunner } from '../../engine/lock.ts'
import { passkeysOf } from '../../engine/sign/security-keys.ts'
import type { Trust } from '../../engine/sign/ssh-keygen.ts'
import { parseKey } from '../../journal/record/event.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { runnersBefore } from '../../journal/verify/evidence.ts'
import { wantedPresence } from '../../journal/verify/rules/presence.ts'
import { samePerson } from '../../model/people/person.ts'
import type { Json } from '../../model/values/json.ts'
import type { RunAct } from '../../pages/acting/acting.ts'

/** The moment of a run that a form is about: its process, its question, and how far its journal is. */
export interface Standing {
  stored: StoredRun
  isDriven: boolean
  isStopping: boolean
  /** The person who started or resumed it last. */
  watch: string
  asked: ReturnType<typeof readAsked>
}

export function standingOf(state: string, stored: StoredRun): Standing {
  const { folder, events, plan } = stored
  const { run } = stored.state
  // A process that only seals a run which has ended drives it no more.
  const isDriven = stored.state.endedAt === undefined && hasRunner(state, plan.concurrency, run)
  return {
    stored,
    isDriven,
    isStopping: isDriven && isStopAsked(folder),
    watch: runnersBefore(events, events.length).at(-1) ?? '',
    asked: readAsked(folder, events),
  }
}

/** Why somebody cannot answer the question of a run; undefined when they can. */
export function hindranceTo(standing: Standing, person: string, canSign: boolean): string | undefined {
  const { stored, isDriven, watch, asked } = standing
  if (!asked) return 'The run asks nothing'
  const { plan } = stored
  if (asked.question.type === 'resolve') return undefined
  if (!isDriven) return 'No process drives the run. Resume it, then answer.'
  if (!samePerson(person, watch, plan.aliases)) return `${watch} has the watch. Take it over to answer.`
  const presence = presenceFor(standing)
  if (presence !== 'none' && !canSign)
    return `The step asks for presence \`${presence}\`, and ${person} has no passkey for this page. Answer at the terminal of the runner.`
  return undefined
}

/** Whether a page of this host can ask for a passkey of somebody. */
export function hasPasskey(trust: Trust | undefined, person: string, host: string | undefined): boolean {
  return trust !== undefined && host !== undefined && passkeysOf(trust, person, host, Date.now()).length > 0
}

/** The host that passkeys of a server belong to: a name, never a number. */
export function passkeyHost(origin: string): string | undefined {
  const { hostname, protocol } = new URL(origin)
  const isName =
    hostname === 'localhost' ||
    (protocol === 'https:' && /[a-z]/i.test(hostname) && !hostname.startsWith('['))
  return isName ? hostname : undefined
}

/** The subject of the token of a form: an act, on a run, at one moment of it. */
export function subjectOf(act: RunAct, { stored, isDriven, asked }: Standing): string[] {
  const { state, events } = stored
  const resumed = events.filter(({ type }) => type === 'run-resumed' || type === 'run-paused').length
  const moment =
    act === 'answer'
      ? [asked?.topic ?? '', String(asked?.size ?? '')]
      : [String(resumed), String(state.endedAt)]
  // A runner that has just gone is one more reason for a takeover.
  return act === 'stop' || act === 'takeover'
    ? [act, state.run, String(resumed)]
    : [act, state.run, String(isDriven), ...moment]
}

/** The presence that the answer to the question of a run must be signed with; `none` when it needs no signature. */
export function presenceFor({ stored, asked }: Standing): string {
  if (!asked || !isSigned(asked.question)) return 'none'
  const { plan, events } = stored
  return wantedPresence(plan as unknown as Json, events, parseKey(asked.topic).step)
}
