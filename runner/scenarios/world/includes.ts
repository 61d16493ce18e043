import { Suspended } from '../../engine/loop/durable.ts'
import type { DurableRun } from '../../engine/loop/durable.ts'
import type { AttemptOf } from '../../engine/loop/work.ts'
import type { Included, IncludeRequest } from '../../kinds/kind.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { die, diesHere, nextAttempt } from './world.ts'
import type { World } from './world.ts'

type Status = Included['status'] | 'waiting'

/** The end of an included run, as the scenario says, or as a scenario of the included runbook leads to it. */
export async function includedRun(
  world: World,
  durable: DurableRun,
  of: AttemptOf,
  request: IncludeRequest,
): Promise<Included> {
  const { step, attempt } = of
  const dies = diesHere(world, 'in', step.id)
  if (dies) die(world, dies)
  const { includes, takes = 0 } = nextAttempt(world, step.id)
  const run = `${request.runbook}-in-scenario`
  await durable.record('run-included', `${step.id}/${attempt}`, () => ({ run, runbook: request.runbook }))
  const end =
    includes?.scenario === undefined
      ? stated(step, includes, takes)
      : await played(world, step.id, request, includes.scenario)
  world.now += end.takes
  if (end.status === 'waiting') throw new Suspended(`${step.id}/1`, { type: 'moment', until: world.now }, run)
  return {
    run,
    status: end.status,
    message: end.status === 'passed' ? `run ${run} succeeded` : `run ${run} ${end.says}`,
    outputs: end.status === 'passed' ? end.outputs : {},
  }
}

interface End {
  status: Status
  says: string
  outputs: Record<string, string>
  /** Milliseconds. */
  takes: number
}

function stated(
  step: PlannedStep,
  includes: { ends: Status; says: string; outputs: Record<string, string> } | undefined,
  takes: number,
): End {
  const { ends = 'passed', says = 'as the scenario says', outputs } = includes ?? {}
  const made = Object.fromEntries(step.outputs.map((name) => [name, outputs?.[name] ?? name]))
  return { status: ends, says: `${ends}: ${says}`, outputs: renamedOutputs(step, made), takes }
}

async function played(world: World, step: string, request: IncludeRequest, name: string): Promise<End> {
  const nested = await world.playIncluded(request, name)
  const wrong = nested.ok ? nested.value.problems : [nested.problem.message]
  for (const message of wrong)
    world.problems.push({ step, message: `Scenario \`${name}\` of ${request.runbook}: ${message}` })
  if (!nested.ok) return { status: 'failed', says: 'was not played', outputs: {}, takes: 0 }
  const { ends, message, outputs, tookMs } = nested.value
  const statuses: Record<string, Status> = { succeeded: 'passed', stopped: 'breached', waiting: 'waiting' }
  return { status: statuses[ends] ?? 'failed', says: `${ends}: ${message}`, outputs, takes: tookMs }
}

/** A map of outputs names them as the other runbook does. */
function renamedOutputs(step: PlannedStep, made: Record<string, string>): Record<string, string> {
  const code = step.fences.find(({ role }) => role === 'main')?.code ?? ''
  const named = step.outputs.map((name) => {
    const there = new RegExp(`\\b${name}:\\s*['"]?([a-z_][\\w-]*)`).exec(code)?.[1] ?? name
    return [there, made[name] ?? ''] as const
  })
  return { ...made, ...Object.fromEntries(named) }
}
