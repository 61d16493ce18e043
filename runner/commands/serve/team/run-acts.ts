import { randomUUID } from 'node:crypto'
import { refuseEnded } from '../../../engine/runs.ts'
import { headOf } from '../../../engine/people/request-file.ts'
import { isProblemError } from '../../../model/problem.ts'
import { samePerson } from '../../../model/people/person.ts'
import { asText } from '../../../model/values/json.ts'
import type { Continuation } from '../../../team/continuation.ts'
import { makeTakeover } from '../../../team/order.ts'
import { stepsLeft, stepsToUndo } from '../../exec/steps-left.ts'
import { isFirst, pagePath, runAct, sentTwice } from '../acts/act.ts'
import type { NotDone, RunVisit } from '../acts/act.ts'
import { fieldOf, seeOther } from '../room.ts'
import type { Visit } from '../room.ts'
import { hubHindrance, keepWish, makeWish } from './wish.ts'
import type { TeamAct, TeamActs, Wish } from './wish.ts'
import { inputLines, stepLines } from './shown-lines.ts'

/** How long a signed request to go on counts, in milliseconds. */
const expiresMs = 3_600_000

export function resumeAtRunner(visit: Visit): Promise<Response> {
  return asked(visit, 'resume', async (run) => {
    if (run.standing.isDriven) return { status: 409, problem: 'A runner drives the run already.' }
    return continuationWish(run, 'resume', 'resumed on the page of the run')
  })
}

export function rollbackAtRunner(visit: Visit): Promise<Response> {
  return asked(visit, 'rollback', async (run) => {
    const reason = fieldOf(visit, 'reason').trim()
    if (reason === '') return { status: 422, problem: 'A rollback needs a reason; it is recorded.' }
    return underStep(run) ?? continuationWish(run, 'rollback', reason)
  })
}

export function watchAtRunner(visit: Visit): Promise<Response> {
  return asked(visit, 'watch', async (run) => {
    const { by, standing } = run
    if (samePerson(by.id, standing.watch, standing.stored.plan.aliases))
      return { status: 409, problem: 'You have the watch already.' }
    return underStep(run) ?? continuationWish(run, 'watch', `${by.id} takes over the watch`)
  })
}

/** Another runner goes on with the run: for one whose machine is gone. */
export function takeOverAtHub(visit: Visit, team: TeamActs): Promise<Response> {
  return asked(visit, 'takeover', async ({ id, by, standing }) => {
    const { plan } = standing.stored
    const [row] = await team.runs({ run: id })
    const runner = fieldOf(visit, 'runner').trim()
    const reason = fieldOf(visit, 'reason').trim()
    const force = fieldOf(visit, 'force') !== ''
    if (row?.state !== 'owned') return { status: 409, problem: 'The run is not under way at a runner.' }
    if (reason === '' || runner === '')
      return { status: 422, problem: 'A takeover needs a runner and a reason; both are recorded.' }
    const takeover = makeTakeover(row, { runner, force, reason, by })
    const { was } = takeover
    return makeWish('takeover', takeover, plan, {
      title: `Take over: ${plan.title}`,
      facts: [
        ['Run', id],
        ['From', was],
        ['To', runner],
        ['You take over as', by.id],
      ],
      lines: [
        `${plan.title}: the run ${id} goes on at ${runner}`,
        '',
        `${was} starts no further step of it. A step that was under way there is unknown.`,
        ...(force ? ['', `I have made sure that ${was} is off.`] : []),
        '',
        `Reason: ${reason}`,
        ...inputLines(plan),
      ],
    })
  })
}

/** Keeps the wish of an act for its signature, which the next page asks for. */
function asked(
  visit: Visit,
  act: TeamAct & ('resume' | 'rollback' | 'watch' | 'takeover'),
  body: (run: RunVisit) => Promise<Wish | NotDone>,
): Promise<Response> {
  return runAct(visit, act, async (run) => {
    const hindrance = hubHindrance(run.standing.stored.plan, commandFor(act, run.id))
    if (hindrance) return hindrance
    const made = await body(run)
    if ('problem' in made) return made
    if (!(await isFirst(visit))) return sentTwice
    await keepWish(visit.room.unsigned, visit.session, run.id, made)
    return seeOther(visit, `${pagePath(run.id)}${act}/sign`)
  })
}

function commandFor(act: TeamAct, run: string): string {
  if (act === 'takeover') return `\`runbook takeover ${run} --to <runner> --reason "…"\``
  return `\`runbook ${act === 'watch' ? 'resume' : act} ${run}\` on the machine of its runner`
}

/** A run that asks something gives way to the one who signs. Under a step it is stopped first, by the one who sees it. */
function underStep({ standing: { isDriven, asked: question } }: RunVisit): NotDone | undefined {
  return isDriven && !question
    ? { status: 409, problem: 'A step is running. Stop the run first, or wait until it asks something.' }
    : undefined
}

function continuationWish(
  { id, by, standing }: RunVisit,
  act: 'resume' | 'rollback' | 'watch',
  reason: string,
): Wish | NotDone {
  const { stored } = standing
  const { plan, events, state } = stored
  const isBack = act === 'rollback'
  try {
    refuseEnded(state, isBack)
  } catch (error) {
    if (!isProblemError(error)) throw error
    return { status: 409, problem: error.problem.message }
  }
  const at = Date.now()
  const wish = {
    v: 1,
    act: isBack ? 'rollback' : 'resume',
    run: id,
    planSha256: asText(events[0]?.data['planSha256']),
    head: { size: events.length, sha256: headOf(stored) },
    reason,
    by,
    at: new Date(at).toISOString(),
    expires: new Date(at + expiresMs).toISOString(),
    nonce: randomUUID(),
  } satisfies Continuation
  return makeWish(act, wish, plan, {
    title: `${isBack ? 'Roll back' : 'Resume'}: ${plan.title}`,
    facts: [
      ['Run', id],
      ['Run by', standing.watch],
      [isBack ? 'You roll back as' : 'You go on as', by.id],
    ],
    lines: [
      `${plan.title}: the run ${id} ${isBack ? 'is rolled back' : `goes on with ${by.id}`}`,
      '',
      `Reason: ${reason}`,
      ...inputLines(plan),
      ...(isBack
        ? stepLines('To be undone, in this order', stepsToUndo(stored), 'undo')
        : stepLines('Steps that are left', stepsLeft(stored), 'run')),
      '',
      `Plan ${wish.planSha256}`,
    ],
  })
}
