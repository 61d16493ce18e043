import type { Context } from 'hono'
import { actRequest, answerTypes, judgeSignedAct } from '../../../engine/people/attest.ts'
import type { PasskeyAct } from '../../../engine/people/attest.ts'
import { postAnswer } from '../../../engine/people/inbox.ts'
import { formOf } from '../../../engine/people/question-form.ts'
import { headOf } from '../../../engine/people/request-file.ts'
import { passkeysOf } from '../../../engine/sign/security-keys.ts'
import type { Session } from '../../../http/access.ts'
import { signingApp } from '../../../http/signing-app.ts'
import { readRun } from '../../../journal/record/run-store.ts'
import { sha256 } from '../../../journal/record/write-journal.ts'
import { failure, success } from '../../../model/problem.ts'
import { compilerOf, readForm } from '../../../model/people/question-form.ts'
import type { Actor } from '../../../model/plan.ts'
import type { JsonObject } from '../../../model/values/json.ts'
import { trustFor } from '../../shared/people/keys.ts'
import { standingOf } from '../standing.ts'
import { actorOf } from '../room.ts'
import type { Room } from '../room.ts'
import { routes } from '../routes.ts'
import { waysOf } from './act.ts'
import { idOf } from '../run-changes.ts'

export function unsignedKey(session: Session, run: string, topic: string): string {
  return JSON.stringify([session.id, run, topic])
}

/** The page on which the person with the watch signs the answer that they have just given. */
export function attesting(
  room: Pick<Room, 'guard' | 'config' | 'io' | 'origin' | 'unsigned'>,
): ReturnType<typeof signingApp> {
  const { guard, config, io, origin, unsigned } = room

  async function waiting(context: Context) {
    const session = await guard.admit(context, routes.attesting)
    const id = idOf(config.state, context.req.param('run') ?? '')
    const trust = trustFor(config)
    if (session instanceof Response || id === undefined || !trust) return undefined
    const standing = standingOf(config.state, readRun(config.state, id))
    const { asked, stored } = standing
    const key = unsignedKey(session, id, asked?.topic ?? '')
    const given = await unsigned.get(key)
    if (!asked || !given) return undefined
    const by = await actorOf(room, session)
    const passkeys = passkeysOf(trust, by.id, new URL(origin).hostname, Date.now())
    const form = formOf(asked.question)
    const read = readForm(form, given, await compilerOf(form))
    if (!read.ok || passkeys.length === 0) return undefined
    const { plan, events } = stored
    const { topic, shown } = asked
    const data = { ...read.value, by, shown } satisfies JsonObject
    const act = { type: answerTypes[asked.question.type], key: topic, data }
    const signing: PasskeyAct = {
      act,
      events,
      head: headOf(stored),
      plan,
      by,
      passkeys,
      shown: shownFor(shown, read.value),
    }
    return { key, given, by, asked, stored, signing, trust }
  }

  return signingApp({
    origin,
    ask: async (context) => {
      const now = await waiting(context)
      return now && { ...actRequest(now.signing), ...waysOf(guard.folder, now.stored.state.run) }
    },
    take: async (signed, context) => {
      const now = await waiting(context)
      if (!now) return failure('The question was answered meanwhile')
      const { key, given, by, asked, stored, signing, trust } = now
      const judged = judgeSignedAct(signed, { ...signing, trust, env: io.env })
      if (!judged.ok) return judged
      const answer = { ...given, by: by satisfies Actor, shownSha256: sha256(asked.shown), ...judged.value }
      if (!postAnswer(stored.folder, asked.topic, answer))
        return failure('Another answer is there already, and the run has not read it yet')
      await unsigned.drop(key)
      return success('Signed. The run reads it and goes on.')
    },
  })
}

/** The text of the question, and the answer that is signed. */
function shownFor(shown: string, answer: JsonObject): string {
  const lines = Object.entries(answer).filter(([, value]) => value !== '')
  return [
    shown,
    '',
    'Your answer:',
    ...lines.map(
      ([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ].join('\n')
}
