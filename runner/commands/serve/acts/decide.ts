import { join } from 'node:path'
import type { Context } from 'hono'
import { openApprovals } from '../../../engine/people/approval.ts'
import { decisionRequest, judgeDecision } from '../../../engine/people/passkey-decision.ts'
import type { PasskeyDecision } from '../../../engine/people/passkey-decision.ts'
import { passkeysOf } from '../../../engine/sign/security-keys.ts'
import { checkerOf } from '../../../engine/sign/trust.ts'
import { lineHash } from '../../../journal/record/read-journal.ts'
import { files, readRun } from '../../../journal/record/run-store.ts'
import type { StoredRun } from '../../../journal/record/run-store.ts'
import { signingApp } from '../../../http/signing-app.ts'
import { failure, orThrow, ProblemError, success } from '../../../model/problem.ts'
import { leaveDecision, signedDecision } from '../../shared/leave-decision.ts'
import { trustFor } from '../../shared/keys.ts'
import { envOf, fieldOf, seeOther } from '../room.ts'
import type { Room, Visit } from '../room.ts'
import { idOf } from '../run-changes.ts'
import { isFirst, movedOn, pagePath, runAct, sentTwice } from './act.ts'

const isThere = 'Your decision is there already, and the run has not read it yet.'

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
    const io = { ...room.io, env: envOf(room, session) }
    const make = (topic: string) =>
      orThrow(signedDecision(room.config, io, stored, topic, { decision, reason, by }))
    try {
      if (!isFirst(visit)) return sentTwice
      const posted = leaveDecision(stored, topics, by, false, make)
      return posted ? seeOther(visit, pagePath(id)) : { status: 409, problem: isThere }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      const { message, hint = '' } = error.problem
      return { status: 403, problem: `${message}. ${hint}` }
    }
  })
}

/** The page where one of the approvers signs a decision with their passkey; the signature says who they are. */
export function signing(room: Pick<Room, 'config' | 'io' | 'origin'>): ReturnType<typeof signingApp> {
  const { config, io, origin } = room

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
    const head = lineHash(join(folder, files.journal), events.length)
    return { stored, decision: { plan, events, head, topic, by, passkeys, check: checkerOf(trust, io.env) } }
  }

  return signingApp({
    origin,
    ask: (context) => {
      const now = asked(context)
      return Promise.resolve(now && decisionRequest(now.decision))
    },
    take: (signed, context) => {
      const now = asked(context)
      if (!now) return Promise.resolve(failure('The request was decided meanwhile'))
      const { stored, decision } = now
      const judged = judgeDecision(signed, decision)
      if (!judged.ok) return Promise.resolve(judged)
      const posted = leaveDecision(stored, [decision.topic], decision.by, false, () => judged.value)
      return Promise.resolve(
        posted ? success(`Signed as ${decision.by.id}. You can close this page.`) : failure(isThere),
      )
    },
  })
}
