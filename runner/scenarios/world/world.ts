import type { LoadedKinds } from '../../kinds/index.ts'
import type { IncludeRequest, ProcessOutcome } from '../../kinds/kind.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Boot } from '../../engine/process/processes.ts'
import type { AttemptAnswer, Dies, Ending, StepAnswer } from '../format/scenario-schema.ts'
import type { GateSeries } from './gate-series.ts'

/** The machine, the systems and the people of one scenario. They exist only here. */
export interface World {
  /** The plan as written: what metrics show comes from it, whatever plan is run. */
  readonly original: Plan
  readonly kinds: LoadedKinds
  /** Values of secret inputs, which are made up. */
  readonly secrets: Record<string, string>
  /** Milliseconds since the epoch. */
  now: number
  machine: Boot
  /** The runner of this life. */
  actor: string
  present: boolean
  /** The answers of this life, by step. */
  answers: Record<string, StepAnswer>
  /** Where this life ends; undefined once it has, and in a life that does not. */
  dies: Dies | undefined
  /** The effect of each step in the world, as its outputs. */
  readonly effects: Map<string, Record<string, string>>
  /** Steps that took effect, and whose undo passed, in order. */
  readonly did: string[]
  readonly undone: string[]
  /** Scripts by attempt; `lost` is one whose end nobody recorded. */
  readonly processes: Map<string, ProcessOutcome | 'lost'>
  /** Requests that write and were sent, by attempt. */
  readonly sent: Set<string>
  /** The output of scripts, by the file it would be in. */
  readonly printed: Map<string, string>
  readonly series: Map<string, GateSeries>
  /** How many attempts, approvals and decisions were answered, by step. */
  readonly turns: Map<string, number>
  readonly asked: string[]
  readonly refused: string[]
  /** Steps whose answers were asked for. */
  readonly used: Set<string>
  /** Plays a scenario of an included runbook, from now on. */
  readonly playIncluded: (request: IncludeRequest, scenario: string) => Promise<Outcome<PlayedIncluded>>
  /** Faults of the scenario itself, with the step whose answers they are in. */
  readonly problems: { step: string; message: string }[]
}

/** The outcome of a scenario of an included runbook. */
export interface PlayedIncluded {
  ends: Ending
  message: string
  outputs: Record<string, string>
  tookMs: number
  /** Differences from what that scenario expects. */
  problems: string[]
}

/** The runner died. */
export class Died extends Error {
  override name = 'Died'
}

/** The answers for a step; asking for them is what a scenario's own answers are for. */
export function answersOf(world: World, step: string): StepAnswer {
  world.used.add(step)
  return world.answers[step] ?? { attempts: [] }
}

/** The answer for the next attempt of a step: each in turn, the last goes on. */
export function nextAttempt(world: World, step: string): AttemptAnswer {
  const { attempts } = answersOf(world, step)
  return attempts[Math.min(nextTurn(world, `attempt ${step}`), attempts.length - 1)] ?? {}
}

export function nextTurn(world: World, what: string): number {
  const turn = world.turns.get(what) ?? 0
  world.turns.set(what, turn + 1)
  return turn
}

/** Whether this life ends here; it does so once. */
export function diesHere(world: World, part: 'in' | 'undo', step: string): Dies | undefined {
  const { dies } = world
  if (dies?.[part] !== step) return undefined
  world.dies = undefined
  return dies
}

/** The runner is gone; what `dies` says of the machine holds from now on. Never returns. */
export function die(world: World, dies: Dies): never {
  if (dies.with !== 'runner')
    world.machine = {
      host: dies.with === 'host' ? `${world.machine.host}-other` : world.machine.host,
      boot: `${world.machine.boot}'`,
    }
  throw new Died(`The runner died in step \`${dies.in ?? dies.undo}\``)
}

/** A step that writes has taken effect; `outputs` are what its `done` fence finds. */
export function takeEffect(world: World, step: PlannedStep, outputs: Record<string, string>): void {
  if (step.effect !== 'write') return
  world.effects.set(step.id, outputs)
  world.did.push(step.id)
}

/** Outputs of a step that the scenario does not name have their own name as value. */
export function namedOutputs(
  step: PlannedStep,
  given: Record<string, string> | undefined,
): Record<string, string> {
  return given ?? Object.fromEntries(step.outputs.map((name) => [name, name]))
}
