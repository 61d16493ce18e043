import { join } from 'node:path'
import { approvalProblem, mayStillDecide } from '../../engine/people/approval.ts'
import { readAsked } from '../../engine/people/asked.ts'
import { posted } from '../../engine/people/inbox.ts'
import { formOf } from '../../engine/people/question-form.ts'
import type { Trust } from '../../engine/sign/ssh-keygen.ts'
import { openRequests, parseKey } from '../../journal/record/event.ts'
import type { Event } from '../../journal/record/event.ts'
import { fold } from '../../journal/fold.ts'
import { readRun, runFolder } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { stepPresence } from '../../model/people/presence-level.ts'
import { samePerson } from '../../model/people/person.ts'
import { asText, isRecord } from '../../model/values/json.ts'
import type { Acting, ActingApproval, ActingQuestion } from '../../pages/acting/acting.ts'
import { stepsToUndo } from '../exec/steps-left.ts'
import type { Refusal } from './live-run-page.ts'
import type { Left } from './room.ts'
import { hasPasskey, hindranceTo, subjectOf } from './standing.ts'
import type { Standing } from './standing.ts'

export interface Viewing {
  state: string
  base: string
  person: string
  trust: Trust | undefined
  /** The origin names a host that passkeys can belong to. */
  passkeyHost: string | undefined
  token(subject: readonly string[]): string
  /** Whether the person signed in, and claims no other name. */
  isSignedIn: boolean
  hasChanged: boolean
  refusal: Refusal | undefined
  /** Whether runners of a team drive the runs; secrets are theirs. */
  hasTeam: boolean
  runners: Acting['runners']
  /** Answers and requests that people left in the team's database. */
  left: readonly Left[]
}

/** Everything that a person can do about a run now, as data for its page. */
export function actingView(standing: Standing, viewing: Viewing): Acting {
  const { stored, isDriven, watch, asked } = standing
  const { plan, state, events } = stored
  const { person, base, token, refusal } = viewing
  const isOver = state.endedAt !== undefined
  const canResume = !isDriven && (!isOver || ['failed', 'stopped', 'rollback-failed'].includes(state.status))
  const isGone = viewing.runners?.isAlive === false
  const canUndo = state.status !== 'rolled-back' && state.status !== 'abandoned'
  return {
    folder: base,
    page: `${base}runs/${state.run.toLowerCase()}/`,
    person,
    watch,
    isDriven,
    isStopping: standing.isStopping || (isDriven && isStopLeft(events, viewing.left)),
    hasWatch: samePerson(person, watch, plan.aliases),
    token: (act) => token(subjectOf(act, standing)),
    personToken: viewing.isSignedIn ? undefined : token(['person']),
    question: asked && asked.question.type !== 'approval' ? questionView(standing, viewing) : undefined,
    approvals: isOver ? [] : approvalsView(standing, viewing),
    nested: nestedAsking(events, viewing),
    secrets: viewing.hasTeam ? [] : plan.secrets,
    runners: viewing.runners,
    asked: askedOf(viewing.left),
    hasChanged: viewing.hasChanged,
    can: {
      // A request to a runner that is gone would wait for it.
      resume: canResume && !isGone,
      rollback: canUndo && !isGone && (!isDriven || asked !== undefined) && stepsToUndo(stored).length > 0,
    },
    problem: refusal?.problem,
  }
}

function questionView(
  standing: Standing,
  { person, refusal, trust, passkeyHost, left, runners }: Viewing,
): ActingQuestion | undefined {
  const { asked } = standing
  if (!asked) return undefined
  const { topic, size, shown, question } = asked
  return {
    topic,
    step: parseKey(topic).step,
    size,
    shown,
    shownSha256: sha256(shown),
    form: formOf(question),
    given: refusal?.given ?? {},
    hindrance:
      runners?.isAlive === false
        ? `The runner ${runners.owner} is not seen, so nothing reads an answer now.`
        : hindranceTo(standing, person, hasPasskey(trust, person, passkeyHost)),
    posted: [
      ...postedBy(standing.stored.folder, topic),
      ...unreadBy(left, topic).flatMap((one) => (one.shownSha256 === sha256(shown) ? [one.by] : [])),
    ],
  }
}

function approvalsView({ stored }: Standing, viewing: Viewing): ActingApproval[] {
  const { events, plan } = stored
  const requests = Map.groupBy(openRequests(events), ({ key }) => parseKey(key).step)
  return [...requests].flatMap(([step, [first]]) => {
    const planned = plan.steps.find(({ id }) => id === step)
    return first && planned ? [approvalView(first, planned.title, stored, viewing)] : []
  })
}

function approvalView(
  asked: Event,
  title: string,
  { plan, events, folder, state }: StoredRun,
  viewing: Viewing,
): ActingApproval {
  const { person, trust, passkeyHost, base, isSignedIn } = viewing
  const { key: topic, data } = asked
  const { step } = parseKey(topic)
  const { deadline, approvers, min } = data
  const presence = state.practice === true ? 'none' : stepPresence(plan, step)
  const may = mayStillDecide(plan, events, topic)
  const own = approvalProblem(plan, events, topic, person)
  // Where keys are listed, the run believes no decision without a signature, and a hub has no key that signs one.
  const needsKey = isSignedIn && trust !== undefined
  const isDirect = own === undefined && presence === 'none' && !needsKey
  // A person who signed in decides as themselves alone.
  const withPasskey = may.filter(
    (one) => hasPasskey(trust, one, passkeyHost) && (!isSignedIn || samePerson(one, person, plan.aliases)),
  )
  return {
    topic,
    step,
    title,
    needs: `${asText(min) || '1'} of ${Array.isArray(approvers) ? approvers.map(asText).join(', ') : ''}`,
    shown: asText(data['shown']),
    until: typeof deadline === 'number' ? new Date(deadline).toISOString() : undefined,
    isDirect,
    hindrance:
      own ??
      (isDirect || withPasskey.length > 0
        ? undefined
        : needsKey
          ? `A passkey signs a decision here, and ${person} has none for this hub. Make one under Account, or decide on your own machine: \`runbook approve ${state.run} ${step} --team\`.`
          : `The step asks for presence \`${presence}\`: a passkey or a security key signs the decision.`),
    passkeys: withPasskey.map((one) => ({
      person: one,
      address: `${base}runs/${state.run.toLowerCase()}/sign/${encodeURIComponent(step)}/${encodeURIComponent(one)}`,
    })),
    posted: [...postedBy(folder, topic), ...unreadBy(viewing.left, topic).map(({ by }) => by)],
  }
}

/** People whose answers lie in the folder of the run. */
function postedBy(folder: string, topic: string): string[] {
  return posted(folder, topic).flatMap(({ answer }) => {
    const by = answer?.['by']
    return isRecord(by) ? [asText(by['id'])] : []
  })
}

function unreadBy(left: readonly Left[], topic: string): Left[] {
  return left.filter((one) => one.topic === topic && !one.isRead)
}

/** Whether the stretch of the run that goes on now was asked to stop. */
function isStopLeft(events: readonly Event[], left: readonly Left[]): boolean {
  const since = events.findLast(({ type }) => type === 'run-started' || type === 'run-resumed')?.ts ?? ''
  return left.some(({ topic, at }) => topic === 'stop' && Date.parse(at) > Date.parse(since))
}

function askedOf(left: readonly Left[]): Acting['asked'] {
  return left.flatMap(({ topic: act, by, at, isRead }) =>
    !isRead && (act === 'resume' || act === 'rollback') ? [{ act, by, at }] : [],
  )
}

/** A run that this one includes, and that asks something. */
function nestedAsking(events: readonly Event[], { state, base }: Viewing): string | undefined {
  const included = events.findLast(({ type }) => type === 'run-included')
  const id = asText(included?.data['run'])
  if (id === '' || !/^[\w-]+$/.test(id)) return undefined
  try {
    const inner = readRun(state, id)
    const isOpen = fold(inner.events).endedAt === undefined
    const asks = readAsked(join(runFolder(state, id)), inner.events) ?? openRequests(inner.events)[0]
    return isOpen && asks ? `${base}runs/${id.toLowerCase()}/` : undefined
  } catch {
    return undefined
  }
}
