import { fieldOf, seeOther } from '../room.ts'
import type { Visit } from '../room.ts'
import { isFirst, movedOn, refuse, sentTwice } from './act.ts'

/** Takes the name that the person at a browser claims; empty for whoever runs the server. */
export async function person(visit: Visit): Promise<Response> {
  const { room, session } = visit
  if (!room.tokens.fits(session, ['person'], fieldOf(visit, '~token')))
    return refuse(visit, { status: 409, problem: movedOn })
  const name = fieldOf(visit, 'person').trim()
  if (name.length > 200 || /[\p{Cc}\p{Cf}]/u.test(name))
    return refuse(visit, {
      status: 422,
      problem: 'The name is too long, or holds characters that do not show.',
    })
  if (!(await isFirst(visit))) return refuse(visit, sentTwice)
  session.person = name === '' ? undefined : name
  const back = fieldOf(visit, '~back')
  return seeOther(visit, /^runs\/[\w.-]+\/$/.test(back) ? back : '')
}
