import * as z from 'zod'
import { postStop } from '../../../engine/people/stop-requests.ts'
import { dryOutput } from '../../../engine/plan/dry.ts'
import { startRunner } from '../../../engine/process/start-runner.ts'
import type { ProgramCall } from '../../../engine/process/start-runner.ts'
import { hasBegun, runFolder } from '../../../journal/record/run-store.ts'
import type { StoredRun } from '../../../journal/record/run-store.ts'
import { failure, orThrow, ProblemError, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import type { Actor } from '../../../model/plan.ts'
import { standingOf } from '../../serve/standing.ts'
import { identify } from '../../shared/people/identify.ts'
import { digestOf, runInDigest } from '../../exec/planned-run.ts'
import type { Caller, Desk } from '../desk.ts'
import { storedRun, taskById, taskData } from '../task.ts'
import { inputs, planOf, runbook } from './reading.ts'
import { run } from './runs.ts'
import { defineTool } from './tool.ts'
import type { Tool } from './tool.ts'

const exec = defineTool({
  name: 'exec',
  title: 'Run a runbook',
  description:
    'Starts the run that `plan` gave the digest of, once, and answers it as a task. Where a person must answer, the task waits for them: you cannot answer, and asking again does not help.',
  input: z.strictObject({ runbook, inputs, digest: z.string().max(400).describe('The digest from `plan`.') }),
  reads: false,
  async run({ runbook: slug, inputs: given, digest }, desk, caller) {
    const { config, io, mode } = desk
    orThrow(mayRun(desk, slug))
    const id = runInDigest(digest)
    if (id === undefined) throw notPlanned()
    // A request that is sent again gets the run that the first one started.
    if (hasBegun(runFolder(config.state, id))) return taskAnswer(desk, orThrow(ownRun(desk, id)))
    const made = await planOf(desk, slug, given)
    if (desk.orders) {
      if ((await desk.orders.standing(id)) === undefined)
        orThrow(await desk.orders.ask({ slug: made.slug, inputs: given, run: id, digest }))
      return { mode, started: false, task: await taskById(desk, id) }
    }
    if (digestOf(made, id) !== digest) throw notPlanned()
    if (mode === 'dry-run') {
      const steps = made.steps.filter(({ fences }) => fences.some(({ role }) => role === 'dry'))
      const printed = await Promise.all(
        steps.map(async (step) => ({
          step: step.id,
          printed: await dryOutput(step, { plan: made, cwd: io.cwd, env: io.env, secrets: {} }),
        })),
      )
      return { mode, started: false, dry: printed }
    }
    const practice = mode === 'practice' ? ['--practice'] : []
    const args = ['exec', made.slug, ...practice, '--as-planned', digest, ...driving(desk, caller)]
    const started = await startRunner({ ...callOf(desk, caller, given), args })
    // Of two requests at once one starts the run; the other finds it.
    if (!hasBegun(runFolder(config.state, id))) orThrow(started)
    return taskAnswer(desk, storedRun(desk, id))
  },
})

const resume = defineTool({
  name: 'resume',
  title: 'Resume a run',
  description:
    'Goes on with a run that an agent started and that no process drives. It answers nothing for a person.',
  input: z.strictObject({ run }),
  reads: false,
  async run({ run: id }, desk, caller) {
    const stored = orThrow(ownRun(desk, id))
    if (standingOf(desk.config.state, stored).isDriven) return taskAnswer(desk, stored)
    orThrow(
      await startRunner({ ...callOf(desk, caller, {}), args: ['resume', id, ...driving(desk, caller)] }),
    )
    return taskAnswer(desk, storedRun(desk, id))
  },
})

const cancel = defineTool({
  name: 'cancel',
  title: 'Stop a run',
  description:
    'Stops a run that an agent started, as Ctrl-C does. Nothing is undone; a person can resume it.',
  input: z.strictObject({ run }),
  reads: false,
  run: ({ run: id }, desk, caller) => stopRun(desk, id, caller),
})

/** Asks the process of a run to stop. */
export async function stopRun(desk: Desk, id: string, caller: Caller): Promise<object> {
  if (desk.orders && !hasBegun(runFolder(desk.config.state, id))) {
    const isWithdrawn = await desk.orders.withdraw(id)
    if (!isWithdrawn) throw noStop()
    return { mode: desk.mode, started: false, withdrawn: id }
  }
  const stored = orThrow(ownRun(desk, id))
  if (standingOf(desk.config.state, stored).isDriven)
    postStop(stored.folder, await actorOf(desk, caller), 'stopped by the agent', false)
  await desk.orders?.carry(id)
  return taskAnswer(desk, storedRun(desk, id))
}

async function actorOf({ config, io }: Desk, { client }: Caller): Promise<Actor> {
  return { ...(await identify(config, io, 'agent')).actor, client }
}

function taskAnswer(desk: Desk, stored: StoredRun): object {
  return { mode: desk.mode, started: true, task: taskData(desk, stored) }
}

function notPlanned(): ProblemError {
  return new ProblemError({
    message: 'The digest is not that of the plan for these inputs; nothing ran',
    hint: 'Call `plan` again, read the plan, and give its digest.',
  })
}

function noStop(): ProblemError {
  return new ProblemError({
    message: 'The run has not begun, and its order is signed already; nothing was stopped',
    hint: 'Wait until it has begun, or ask the person who signed it.',
  })
}

function mayRun({ runbooks }: Desk, slug: string): Outcome<true> {
  return runbooks.length === 0 || runbooks.includes(slug)
    ? success(true)
    : failure(`The runbook \`${slug}\` is not one that this server runs`, {
        hint: `It was started for: ${runbooks.join(', ')}.`,
      })
}

/** A run that an agent started, of a runbook that this server runs: those of people are not for agents to drive. */
function ownRun(desk: Desk, id: string): Outcome<StoredRun> {
  const stored = storedRun(desk, id)
  const { state, events } = stored
  if (events[0]?.actor.via !== 'agent')
    return failure(`The run ${id} was started by a person`, { hint: 'Ask them; an agent reads it only.' })
  if (desk.client !== undefined && events[0].actor.client !== desk.client)
    return failure(`The run ${id} is one of another agent`, { hint: 'An agent drives its own runs alone.' })
  if ((state.practice === true) !== (desk.mode === 'practice'))
    return failure(
      `The run ${id} is ${state.practice ? 'a practice' : 'real'}, and this server is for the other`,
    )
  const may = mayRun(desk, state.slug)
  return may.ok ? success(stored) : may
}

function driving({ allowWrite }: Desk, { client }: Caller): string[] {
  return ['--json', '--agent', client, ...(allowWrite ? ['--agent-writes'] : [])]
}

/** Inputs go by the environment: in an argument, `@` would read a file. Secrets are those of the server's environment. */
function callOf(
  { io }: Desk,
  { traceparent = io.env['TRACEPARENT'] }: Caller,
  given: Readonly<Record<string, string>>,
): Omit<ProgramCall, 'args'> {
  return { cwd: io.cwd, env: { ...io.env, ...inputVariables(given), TRACEPARENT: traceparent } }
}

function inputVariables(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [`RUNBOOK_INPUT_${name.toUpperCase()}`, value]),
  )
}

/** A run of a team is resumed with the signature of a person, so there is no tool for it. */
export function actingTools({ orders }: Desk): readonly Tool[] {
  return orders ? [exec, cancel] : [exec, resume, cancel]
}
