import { parseKey } from '../../journal/record/event.ts'
import { hasBegun, readRun, runFolder } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { openRequests } from '../../journal/record/event.ts'
import { tell } from '../../journal/story/story.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { standingOf } from '../serve/standing.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { findRun } from '../shared/workspace.ts'
import type { Desk } from './desk.ts'
import type { ForPerson, RunTask, TaskStatus } from './run-task.ts'

/** The run of a full id. An agent gets no shortcuts: `last` may have changed since it looked. */
export function storedRun({ config, sees }: Desk, id: string): StoredRun {
  const stored = readRun(config.state, findRun(config, id))
  if (sees(stored.state.slug)) return stored
  throw new CliError(exit.usage, `There is no run \`${id}\``, 'Runs are listed by `runbook runs`.')
}

/** A run as a task, by its id: one that began, or one that a runner of a team has still to take. */
export async function taskById(desk: Desk, id: string): Promise<JsonObject> {
  if (desk.orders === undefined || hasBegun(runFolder(desk.config.state, id)))
    return taskData(desk, storedRun(desk, id))
  const standing = await desk.orders.standing(id)
  if (!standing)
    throw new CliError(
      exit.usage,
      `There is no run \`${id}\``,
      'It may have waited too long for its signature.',
    )
  const { status, words, since, forPerson: person } = standing
  const task: RunTask = {
    taskId: id,
    status,
    statusMessage: words,
    createdAt: since,
    lastUpdatedAt: since,
    pollIntervalMs: 1000,
    ...(person ? { forPerson: person } : {}),
  }
  return task as unknown as JsonObject
}

function taskOf(desk: Desk, stored: StoredRun): RunTask {
  const { state, events, plan } = stored
  const { head } = tell(events, plan, state)
  const status = statusOf(desk, stored)
  const person = status === 'input_required' ? forPerson(desk, stored) : undefined
  return {
    taskId: state.run,
    status,
    statusMessage: [head.words, head.message].filter(Boolean).join(': '),
    createdAt: state.startedAt,
    lastUpdatedAt: events.at(-1)?.ts ?? state.startedAt,
    pollIntervalMs: 1000,
    ...(person ? { forPerson: person } : {}),
  }
}

function statusOf({ config }: Desk, stored: StoredRun): TaskStatus {
  const { state, events } = stored
  if (state.endedAt !== undefined) {
    if (state.status === 'succeeded') return 'completed'
    return state.status === 'abandoned' || state.status === 'cancelled' ? 'cancelled' : 'failed'
  }
  const { isDriven, asked } = standingOf(config.state, stored)
  // A run that was stopped can be resumed; nothing happens until then.
  if (!isDriven && state.status === 'interrupted') return 'cancelled'
  const isAsking = asked !== undefined || openRequests(events).length > 0
  return isDriven && !isAsking ? 'working' : 'input_required'
}

function forPerson({ config, pages }: Desk, stored: StoredRun): ForPerson {
  const { state, events, plan } = stored
  const { asked, isDriven, watch } = standingOf(config.state, stored)
  const { waiting } = tell(events, plan, state).head
  const topic = asked?.topic ?? openRequests(events)[0]?.key ?? state.waitingFor?.topic ?? ''
  const { step } = parseKey(topic)
  const { run } = state
  const page = pages === undefined ? {} : { address: `${pages}runs/${run.toLowerCase()}/` }
  const type = asked?.question.type ?? (openRequests(events).length > 0 ? 'approval' : undefined)
  return {
    question: asked?.shown ?? waiting?.words ?? 'No process drives the run; it can be resumed',
    step,
    mayDecide: type === 'approval' ? (waiting?.mayDecide ?? []) : [watch],
    ...page,
    command: commandFor(type, run, step, isDriven),
  }
}

function commandFor(type: string | undefined, run: string, step: string, isDriven: boolean): string {
  if (type === 'approval') return `runbook approve ${run} ${step}`
  if (type === 'resolve') return `runbook resolve ${run} ${step} --as <outcome> --reason "…"`
  return isDriven ? 'runbook serve' : `runbook resume ${run}`
}

/** A task in the members that the protocol names, and the run beside them. */
export function taskData(desk: Desk, stored: StoredRun): JsonObject {
  return taskOf(desk, stored) as unknown as JsonObject
}
