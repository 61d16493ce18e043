import { readRun } from '../../../journal/record/run-store.ts'
import { refusedPage } from '../../../pages/acting/start-form.ts'
import type { RunAct } from '../../../pages/acting/acting.ts'
import { standingOf, subjectOf } from '../standing.ts'
import type { Standing } from '../standing.ts'
import { actorOf, fieldOf, pageAnswer } from '../room.ts'
import type { Visit } from '../room.ts'
import type { Actor } from '../../../model/plan.ts'
import type { SigningRequest } from '../../../model/people/signing-request.ts'
import { idOf } from '../run-changes.ts'

/** Why an act was not done; the status is that of HTTP. */
export interface NotDone {
  status: 403 | 404 | 409 | 422 | 500
  problem: string
  given?: Readonly<Record<string, string>>
}

export interface RunVisit extends Visit {
  id: string
  standing: Standing
  by: Actor
}

export const movedOn =
  'The run has moved on since this page was shown; nothing was done. Read it again and decide.'

/** The path of the page of a run below the folder of the server. */
export function pagePath(id: string): string {
  return `runs/${id.toLowerCase()}/`
}

/** The way back from a page where somebody signs something about a run, and on once it is signed. */
export function waysOf(folder: string, id: string): Required<Pick<SigningRequest, 'back' | 'links'>> {
  const page = folder + pagePath(id)
  return { back: ['Back to the run', page], links: [['Go on to the run', page]] }
}

/**
 * Does something about the run of an address, once, when its form was made for this browser and this moment of the run.
 * The body returns the answer, or why nothing was done.
 */
export async function runAct(
  visit: Visit,
  act: RunAct,
  body: (visit: RunVisit) => Promise<Response | NotDone>,
): Promise<Response> {
  const { room, context, session } = visit
  const id = idOf(room.config.state, context.req.param('run') ?? '')
  if (id === undefined) return refused(visit, { status: 404, problem: 'There is no such run' })
  const stored = readRun(room.config.state, id)
  const standing = standingOf(room.config.state, stored)
  const token = fieldOf(visit, '~token')
  const fits = room.tokens.fits(session, subjectOf(act, standing), token)
  if (!fits) return refused(visit, { status: 409, problem: movedOn }, id)
  const by = await actorOf(room, session)
  const done = await body({ ...visit, id, standing, by })
  return done instanceof Response ? done : refused(visit, done, id)
}

/** Uses the token of a form up, right before its act. */
export async function isFirst(visit: Visit): Promise<boolean> {
  return visit.room.tokens.use(fieldOf(visit, '~token'))
}

export const sentTwice: NotDone = { status: 409, problem: 'This form was sent before; it acts once.' }

async function refused(
  visit: Visit,
  { status, problem, given }: NotDone,
  id?: string,
  back = visit.room.guard.folder + (id === undefined ? '' : pagePath(id)),
): Promise<Response> {
  const { room, session } = visit
  const page = id && (await room.pages.runFor(id, session, { problem, ...(given ? { given } : {}) }))
  if (page) return pageAnswer(visit, page, status)
  return pageAnswer(
    visit,
    room.pages.framed(refusedPage('Nothing was done', problem, back), 'Nothing was done'),
    status,
  )
}

/** A refusal that has no run. `back` is the address that its page leads back to; default: the first page. */
export function refuse(visit: Visit, refusal: NotDone, back?: string): Promise<Response> {
  return refused(visit, refusal, undefined, back)
}
