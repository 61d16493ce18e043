import { hasRunner } from '../../../engine/lock.ts'
import { startRunner } from '../../../engine/process/start-runner.ts'
import { postStop } from '../../../engine/people/stop-requests.ts'
import { samePerson } from '../../../model/people/person.ts'
import { envOf, fieldOf, seeOther } from '../room.ts'
import type { Visit } from '../room.ts'
import { isFirst, pagePath, runAct, sentTwice } from './act.ts'
import type { NotDone, RunVisit } from './act.ts'

/** Stops the run as Ctrl-C does; `~now` as the second one. */
export function stop(visit: Visit): Promise<Response> {
  return runAct(visit, 'stop', async ({ id, standing, by }) => {
    if (!standing.isDriven)
      return { status: 409, problem: 'No process drives the run; there is nothing to stop.' }
    if (!(await isFirst(visit))) return sentTwice
    postStop(standing.stored.folder, by, '', fieldOf(visit, '~now') !== '')
    return seeOther(visit, pagePath(id))
  })
}

export function resume(visit: Visit): Promise<Response> {
  return runAct(visit, 'resume', async (run) => {
    if (run.standing.isDriven) return { status: 409, problem: 'A process drives the run already.' }
    return goOn(run, ['resume', run.id, ...frozen(visit)], '')
  })
}

export function rollback(visit: Visit): Promise<Response> {
  return runAct(visit, 'rollback', async (run) => {
    const reason = fieldOf(visit, 'reason').trim()
    if (reason === '') return { status: 422, problem: 'A rollback needs a reason; it is recorded.' }
    return hindranceTo(run) ?? goOn(run, ['rollback', run.id, '--yes', '--reason', reason], reason)
  })
}

/** The run goes on with another person: they answer its questions from here on, and may not approve it. */
export function watch(visit: Visit): Promise<Response> {
  return runAct(visit, 'watch', async (run) => {
    const { by, standing } = run
    if (samePerson(by.id, standing.watch, standing.stored.plan.aliases))
      return { status: 409, problem: 'You have the watch already.' }
    const reason = `${by.id} takes over the watch`
    return hindranceTo(run) ?? goOn(run, ['resume', run.id, ...frozen(visit)], reason)
  })
}

/** A run that waits for an answer gives way to another process. Under a step it is stopped first, by the one who sees it. */
function hindranceTo({ standing: { isDriven, asked } }: RunVisit): NotDone | undefined {
  return isDriven && !asked
    ? { status: 409, problem: 'A step is running. Stop the run first, or wait until it asks something.' }
    : undefined
}

function frozen(visit: Visit): string[] {
  return fieldOf(visit, '~frozen') === '' ? [] : ['--frozen-plan']
}

/**
 * Starts a process for the run, with the secrets of the form in its environment. The process that has the run is stopped, for
 * the reason given, once the other one needs nothing but its key.
 */
async function goOn(run: RunVisit, args: readonly string[], reason: string): Promise<Response | NotDone> {
  const { room, session, id, by, standing, fields } = run
  if (!(await isFirst(run))) return sentTwice
  const { secrets } = standing.stored.plan
  const given = fields.filter(([name, value]) => secrets.includes(name) && value !== '')
  // Only for its own process: another run that has the key is said, and not waited for.
  const { concurrency } = standing.stored.plan
  const wait = hasRunner(room.config.state, concurrency, id) ? ['--wait'] : []
  const call = {
    args: [...args, ...wait, '--remote', '--json'],
    cwd: room.io.cwd,
    env: withInputs(envOf(room, session), given),
  }
  const started = await startRunner(call, () => {
    if (standing.isDriven) postStop(standing.stored.folder, by, reason, false)
  })
  if (started.ok) return seeOther(run, pagePath(id))
  const { message, hint = '' } = started.problem
  return { status: 422, problem: `${message}. ${hint}` }
}

/** Inputs go by the environment, which neither a list of processes nor a file shows. */
export function withInputs(
  env: Record<string, string | undefined>,
  inputs: readonly (readonly [name: string, value: string])[],
): Record<string, string | undefined> {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('RUNBOOK_INPUT_'))
  const own = inputs.map(([name, value]) => [`RUNBOOK_INPUT_${name.toUpperCase()}`, value] as const)
  return Object.fromEntries([...others, ...own])
}
