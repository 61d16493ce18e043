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
}

/** Everything that a person can do about a run now, as data for its page. */
export function actingView(standing: Standing, viewing: Viewing): Acting {
  const { stored, isDriven, watch, asked } = standing
  const { plan, state, events } = stored
  const { person, base, token, refusal } = viewing
  const isOver = state.endedAt !== undefined
  const canResume = !isDriven && (!isOver || ['failed', 'stopped', 'rollback-failed'].includes(state.status))
  const canUndo = state.status !== 'rolled-back' && state.status !== 'abandoned'
  return {
    folder: base,
    page: `${base}runs/${state.run.toLowerCase()}/`,
    person,
    watch,
    isDriven,
    isStopping: standing.isStopping,
    hasWatch: samePerson(person, watch, plan.aliases),
    token: (act) => token(subjectOf(act, standing)),
    personToken: viewing.isSignedIn ? undefined : token(['person']),
    question: asked && asked.question.type !== 'approval' ? questionView(standing, viewing) : undefined,
    approvals: isOver ? [] : approvalsView(standing, viewing),
    nested: nestedAsking(events, viewing),
    secrets: viewing.hasTeam ? [] : plan.secrets,
    runners: viewing.runners,
    hasChanged: viewing.hasChanged,
    can: {
      resume: canResume,
      rollback: canUndo && (!isDriven || asked !== undefined) && stepsToUndo(stored).length > 0,
    },
    problem: refusal?.problem,
  }
}

function questionView(
  standing: Standing,
  { person, refusal, trust, passkeyHost }: Viewing,
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
    hindrance: hindranceTo(standing, person, hasPasskey(trust, person, passkeyHost)),
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
  const { person, trust, passkeyHost, base } = viewing
  const { key: topic, data } = asked
  const { step } = parseKey(topic)
  const { deadline, approvers, min } = data
  const presence = state.practice === true ? 'none' : stepPresence(plan, step)
  const may = mayStillDecide(plan, events, topic)
  const own = approvalProblem(plan, events, topic, person)
  const withPasskey = may.filter((one) => hasPasskey(trust, one, passkeyHost))
  return {
    topic,
    step,
    title,
    needs: `${asText(min) || '1'} of ${Array.isArray(approvers) ? approvers.map(asText).join(', ') : ''}`,
    shown: asText(data['shown']),
    until: typeof deadline === 'number' ? new Date(deadline).toISOString() : undefined,
    hindrance:
      own ??
      (presence === 'none'
        ? undefined
        : `The step asks for presence \`${presence}\`: a passkey or a security key signs the decision.`),
    passkeys: withPasskey.map((one) => ({
      person: one,
      address: `${base}runs/${state.run.toLowerCase()}/sign/${encodeURIComponent(step)}/${encodeURIComponent(one)}`,
    })),
    posted: posted(folder, topic).flatMap(({ answer }) => {
      const by = answer?.['by']
      return isRecord(by) ? [asText(by['id'])] : []
    }),
  }
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
