import { runnersBefore } from '../../../journal/verify/evidence.ts'
import { readRun } from '../../../journal/record/run-store.ts'
import { inputsOf } from '../../../journal/story/story.ts'
import { samePerson } from '../../../model/people/person.ts'
import { rollbackPage } from '../../../pages/acting/rollback-page.ts'
import { plain } from '../../../http/request-rules.ts'
import { stepsToUndo } from '../../exec/steps-left.ts'
import { standingOf } from '../standing.ts'
import { pageAnswer } from '../room.ts'
import type { Visit } from '../room.ts'
import { idOf } from '../run-changes.ts'

/** The undos that a rollback would run, before anything is done. */
export async function preview(visit: Visit): Promise<Response> {
  const { room, context, session } = visit
  const id = idOf(room.config.state, context.req.param('run') ?? '')
  if (id === undefined) return plain(context, 404, 'There is no such page')
  const stored = readRun(room.config.state, id)
  const { plan, events, state } = stored
  const standing = standingOf(room.config.state, stored)
  const acting = await room.acting(standing, session)
  // The runner of a team counts as one who ran it, and is not a person whose run it could be.
  const ran = room.team === undefined ? runnersBefore(events, events.length) : [standing.watch]
  const isOver = state.status === 'rolled-back' && state.offered.length === 0
  const page = rollbackPage({
    title: plan.title,
    acting,
    steps: stepsToUndo(stored),
    inputs: inputsOf(plan),
    others: [...new Set(ran)].filter((one) => !samePerson(one, acting.person, plan.aliases)),
    hindrance: isOver
      ? 'The run is rolled back already.'
      : standing.isDriven && !standing.asked
        ? 'A step is running. Stop the run first, or wait until it asks something.'
        : undefined,
  })
  return pageAnswer(visit, room.pages.framed(page, `Roll back ${plan.title}?`), 200)
}
