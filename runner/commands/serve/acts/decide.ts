import type { Context } from 'hono'
import { openApprovals } from '../../../engine/people/approval.ts'
import type { MadeDecision } from '../../../engine/people/approval.ts'
import { decisionRequest, judgeDecision } from '../../../engine/people/passkey-decision.ts'
import type { PasskeyDecision } from '../../../engine/people/passkey-decision.ts'
import { passkeysOf } from '../../../engine/sign/security-keys.ts'
import { checkerOf } from '../../../engine/sign/trust.ts'
import { headOf } from '../../../engine/people/request-file.ts'
import { readRun } from '../../../journal/record/run-store.ts'
import type { StoredRun } from '../../../journal/record/run-store.ts'
import { signingApp } from '../../../http/signing-app.ts'
import type { Outcome } from '../../../model/problem.ts'
import { failure, ProblemError, success } from '../../../model/problem.ts'
import { leaveDecision, signedAnswer } from '../../shared/people/leave-decision.ts'
import { decisionSignerFor, trustFor } from '../../shared/people/keys.ts'
import { envOf, fieldOf, seeOther } from '../room.ts'
import type { Room, Visit } from '../room.ts'
import { idOf } from '../run-changes.ts'
import { isFirst, movedOn, pagePath, runAct, sentTwice, waysOf } from './act.ts'

/** A decision without a passkey: by whoever the browser claims to be, signed with the key of this account if any. */
export function decide(visit: Visit): Promise<Response> {
  return runAct(visit, 'decide', async ({ id, standing: { stored }, by, room, session }) => {
    const topics = openApprovals(stored.events, fieldOf(visit, '~step'))
    if (!topics.includes(fieldOf(visit, '~topic'))) return { status: 409, problem: movedOn }
    const decision = fieldOf(visit, 'decision')
    const reason = fieldOf(visit, 'reason').trim()
    if (decision !== 'approved' && decision !== 'rejected')
      return { status: 422, problem: 'Choose to approve or to reject' }
    if (decision === 'rejected' && reason === '')
      return { status: 422, problem: 'A rejection needs a reason' }
    if (!(await isFirst(visit))) return sentTwice
    const { plan, events, folder } = stored
    const { config, io } = room
    const env = envOf(room, session)
    const believing = {
      plan,
      events,
      head: headOf({ folder, events }),
      check: checkerOf(trustFor(config), env),
    }
    const signer = room.isHub ? undefined : decisionSignerFor(config, { ...io, env })
    try {
      leaveDecision(stored, { by, force: false, topics }, (topic) =>
        signedAnswer({ decision, reason, topic, by, signer }, believing),
      )
      return seeOther(visit, pagePath(id))
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      const { message, hint = '' } = error.problem
      return { status: 403, problem: `${message}. ${hint}` }
    }
  })
}

/** The page where one of the approvers signs a decision with their passkey; the signature says who they are. */
export function signing(
  room: Pick<Room, 'config' | 'io' | 'origin' | 'guard'>,
): ReturnType<typeof signingApp> {
  const { config, io, origin, guard } = room

  function asked(context: Context): { stored: StoredRun; decision: PasskeyDecision } | undefined {
    const id = idOf(config.state, context.req.param('run') ?? '')
    const trust = trustFor(config)
    if (id === undefined || !trust) return undefined
    const stored = readRun(config.state, id)
    const { plan, events, folder } = stored
    const [topic] = openApprovals(events, context.req.param('step') ?? '')
    const person = context.req.param('person') ?? ''
    const passkeys = passkeysOf(trust, person, new URL(origin).hostname, Date.now())
    if (topic === undefined || passkeys.length === 0) return undefined
    const by = { id: person, host: new URL(origin).hostname, via: 'browser' }
    const head = headOf({ folder, events })
    return { stored, decision: { plan, events, head, topic, by, passkeys, check: checkerOf(trust, io.env) } }
  }

  return signingApp({
    origin,
    ask: (context) => {
      const now = asked(context)
      return Promise.resolve(
        now && { ...decisionRequest(now.decision), ...waysOf(guard.folder, now.stored.state.run) },
      )
    },
    take: (signed, context) => {
      const now = asked(context)
      if (!now) return Promise.resolve(failure('The request was decided meanwhile'))
      const { stored, decision } = now
      const judged = judgeDecision(signed, decision)
      if (!judged.ok) return Promise.resolve(judged)
      return Promise.resolve(left(stored, decision, judged.value))
    },
  })
}

function left(stored: StoredRun, { topic, by }: PasskeyDecision, answer: MadeDecision): Outcome<string> {
  try {
    leaveDecision(stored, { by, force: false, topics: [topic] }, () => answer)
    return success(`Signed as ${by.id}. The run reads it and goes on.`)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { ok: false, problem: error.problem }
  }
}
