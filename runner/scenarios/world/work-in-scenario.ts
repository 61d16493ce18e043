import { contextOver } from '../../engine/loop/context.ts'
import type { DurableRun } from '../../engine/loop/durable.ts'
import { effectOf } from '../../engine/loop/effect-of.ts'
import { fitting } from '../../engine/loop/fit-result.ts'
import { prepareStep, whenHolds } from '../../engine/loop/prepare.ts'
import type { AttemptOf, Work } from '../../engine/loop/work.ts'
import type { Resolving } from '../../engine/run.ts'
import { result } from '../../kinds/kind.ts'
import type { StepContext } from '../../kinds/kind.ts'
import { processResult } from '../../kinds/process-result.ts'
import { isScript } from '../../model/steps/languages.ts'
import { readParams } from '../../model/steps/step-params.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { includedRun } from './includes.ts'
import { answerMetrics } from './metrics-page.ts'
import { answerRequest } from './requests.ts'
import { checkDone, haltScript, runScript, runUndo } from './scripts.ts'
import { die, diesHere } from './world.ts'
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
    include: (request) => includedRun(world, durable, of, request),
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
