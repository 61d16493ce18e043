import { postAnswer } from '../../../engine/people/inbox.ts'
import { formOf } from '../../../engine/people/question-form.ts'
import { postStop } from '../../../engine/people/stop-requests.ts'
import { sha256 } from '../../../journal/record/write-journal.ts'
import { trustFor } from '../../shared/people/keys.ts'
import { compilerOf, readForm } from '../../../model/people/question-form.ts'
import { hasPasskey, hindranceTo, passkeyHost, presenceFor } from '../standing.ts'
import { fieldOf, seeOther } from '../room.ts'
import type { Visit } from '../room.ts'
import { unsignedKey } from './attest.ts'
import { isFirst, movedOn, pagePath, runAct, sentTwice } from './act.ts'

/** Answers the question of a run, as its terminal would take it. */
export function answer(visit: Visit): Promise<Response> {
  return runAct(visit, 'answer', async ({ id, standing, by, fields, room }) => {
    const { asked, stored } = standing
    if (
      !asked ||
      asked.topic !== fieldOf(visit, '~topic') ||
      fieldOf(visit, '~shown') !== sha256(asked.shown)
    )
      return { status: 409, problem: movedOn }
    const hindrance = hindranceTo(
      standing,
      by.id,
      hasPasskey(trustFor(room.config), by.id, passkeyHost(room.origin)),
    )
    if (hindrance !== undefined) return { status: 403, problem: hindrance }
    if (fieldOf(visit, '~stop') !== '') {
      if (!(await isFirst(visit))) return sentTwice
      postStop(stored.folder, by, '', false)
      return seeOther(visit, pagePath(id))
    }
    // A list of choices comes as a field for each of them.
    const groups = Map.groupBy(
      fields.filter(([name]) => !name.startsWith('~')),
      ([name]) => name,
    )
    const given = Object.fromEntries(
      [...groups].map(([name, all]) => [name, all.map(([, value]) => value).join()]),
    )
    const form = formOf(asked.question)
    const read = readForm(form, given, await compilerOf(form))
    if (!read.ok) return { status: 422, problem: read.problem.message, given }
    if (!(await isFirst(visit))) return sentTwice
    if (presenceFor(standing) !== 'none') {
      await room.unsigned.put(unsignedKey(visit.session, id, asked.topic), given)
      return seeOther(visit, `${pagePath(id)}attest`)
    }
    const posted = postAnswer(stored.folder, asked.topic, { ...given, by, shownSha256: sha256(asked.shown) })
    return posted
      ? seeOther(visit, pagePath(id))
      : { status: 409, problem: 'Another answer is there already, and the run has not read it yet.' }
  })
}
