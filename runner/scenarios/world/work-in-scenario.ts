import { contextOver } from '../../engine/loop/context.ts'
import { Suspended } from '../../engine/loop/durable.ts'
import type { DurableRun } from '../../engine/loop/durable.ts'
import { effectOf } from '../../engine/loop/effect-of.ts'
import { fitting } from '../../engine/loop/fit-result.ts'
import { prepareStep, whenHolds } from '../../engine/loop/prepare.ts'
import type { AttemptOf, Work } from '../../engine/loop/work.ts'
import type { Resolving } from '../../engine/run.ts'
import { result } from '../../kinds/kind.ts'
import type { Included, StepContext } from '../../kinds/kind.ts'
import { processResult } from '../../kinds/process-result.ts'
import { isScript } from '../../model/steps/languages.ts'
import { readParams } from '../../model/steps/step-params.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { answerMetrics } from './metrics-page.ts'
import { answerRequest } from './requests.ts'
import { checkDone, haltScript, runScript, runUndo } from './scripts.ts'
import { die, diesHere, nextAttempt } from './world.ts'
import type { World } from './world.ts'

/** A change of a step after its values are in place. */
export type ChangeStep = (step: PlannedStep) => PlannedStep

/** The work of an interpreter in a world that a scenario describes: kinds are real, what they reach is not. */
export function workInScenario(
  world: World,
  run: Resolving,
  durable: DurableRun,
  change: ChangeStep = (step) => step,
): Work {
  return {
    here: () => world.machine,
    when: (step, outputs) => whenHolds(run, step, outputs),
    prepare(planned, outputs) {
      const prepared = prepareStep(run, planned, outputs)
      if (!prepared.ok) return prepared
      const step = change(prepared.value.step)
      if (step === prepared.value.step) return prepared
      const read = readParams(run.kindNamed(step.kind), step.attributes)
      return { ok: true, value: { step, params: 'params' in read ? read : prepared.value.params } }
    },
    attempt: async (of, { params }) =>
      fitting(await run.kindNamed(of.step.kind).run(params, scenarioContext(world, run, durable, of))),
    async halt(of) {
      if (world.sent.has(`${of.step.id}/${of.attempt}`)) return result('unknown', 'may have sent its request')
      const main = of.step.fences.find((fence) => fence.role === 'main' && isScript(fence))
      return main ? processResult(haltScript(world, of)) : result('not-started', 'had no effect yet')
    },
    async check(step, _label, outputs) {
      const script = step.fences.find(({ role }) => role === 'done')
      return script
        ? effectOf(checkDone(world, { step, outputs }, script))
        : { holds: 'cannot-tell', message: 'there is no `done` fence', outputs: {} }
    },
    async undo(of) {
      const script = of.step.fences.find(({ role }) => role === 'undo')
      if (!script) return result('passed', 'has nothing to undo')
      const call = { script, label: `undo-${of.attempt}`, timeoutMs: timeoutOf(run, of.step) }
      return processResult({ ...runUndo(world, of, call), outputs: {} })
    },
  }
}

function timeoutOf({ kindNamed }: Resolving, { kind, attributes }: PlannedStep): number {
  const read = readParams(kindNamed(kind), attributes)
  return 'params' in read ? read.common.timeout : Infinity
}

function scenarioContext(world: World, run: Resolving, durable: DurableRun, of: AttemptOf): StepContext {
  const { step, attempt, outputs } = of
  let original: PlannedStep | undefined
  const context = contextOver(run, durable, of, {
    clock: {
      monotonic: () => world.now,
      wall: () => world.now,
      async sleep(ms) {
        world.now += Math.max(0, ms)
      },
    },
    async process({ script, part, timeoutMs }) {
      const label = part === undefined ? String(attempt) : `${attempt}.${part}`
      return runScript(world, of, { script, label, timeoutMs })
    },
    printed: async ({ files }) => world.printed.get(files[0]?.file ?? '') ?? '',
    async http(request) {
      if (step.kind !== 'gate') return answerRequest(world, of, request)
      original ??= originalStep(world, run, step, outputs)
      return answerMetrics(world, original, `${step.id}#${attempt}/${durable.resumedAt}`, request)
    },
    excerpt: (text, most) => text.slice(0, most),
    include: ({ runbook }) => include(world, durable, of, runbook),
  })
  return {
    ...context,
    async sleepUntil(key, at) {
      const dies = diesHere(world, 'in', step.id)
      if (dies) die(world, dies)
      return context.sleepUntil(key, at)
    },
  }
}

/** The step as its author wrote it, with today's outputs in place. */
function originalStep(
  world: World,
  run: Resolving,
  { id }: PlannedStep,
  outputs: Record<string, string>,
): PlannedStep | undefined {
  const planned = world.original.steps.find((one) => one.id === id)
  if (!planned) return undefined
  const prepared = prepareStep({ ...run, plan: world.original }, planned, outputs)
  return prepared.ok ? prepared.value.step : undefined
}

/** The included run is another scenario's; here it only ends. */
async function include(
  world: World,
  durable: DurableRun,
  { step, attempt }: AttemptOf,
  runbook: string,
): Promise<Included> {
  const dies = diesHere(world, 'in', step.id)
  if (dies) die(world, dies)
  const { includes, takes = 0 } = nextAttempt(world, step.id)
  const { ends = 'passed', says = 'as the scenario says', outputs } = includes ?? {}
  world.now += takes
  const run = `${runbook}-in-scenario`
  await durable.record('run-included', `${step.id}/${attempt}`, () => ({ run, runbook }))
  if (ends === 'waiting') throw new Suspended(`${step.id}/1`, { type: 'moment', until: world.now }, run)
  const made = Object.fromEntries(step.outputs.map((name) => [name, outputs?.[name] ?? name]))
  return {
    run,
    status: ends,
    message: ends === 'passed' ? `run ${run} succeeded` : `run ${run} ${ends}: ${says}`,
    outputs: ends === 'passed' ? { ...renamedOutputs(step, made) } : {},
  }
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
