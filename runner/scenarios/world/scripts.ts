import { sha256 } from '../../journal/record/write-journal.ts'
import type { OutputFile, ProcessOutcome } from '../../kinds/kind.ts'
import type { Fence } from '../../model/runbook.ts'
import { variablesRead } from '../../model/steps/variables.ts'
import type { AttemptOf } from '../../engine/loop/work.ts'
import type { AttemptAnswer } from '../format/scenario-schema.ts'
import { answersOf, die, diesHere, namedOutputs, nextAttempt, takeEffect } from './world.ts'
import type { World } from './world.ts'

export interface ScriptCall {
  script: Fence
  /** Tells one script of a step from another, for ever. */
  label: string
  timeoutMs: number
}

/** A script of a step's own effect: started at most once for an attempt, as the executor does it. */
export function runScript(world: World, of: AttemptOf, call: ScriptCall): ProcessOutcome {
  const { step } = of
  const key = `${step.id}/${call.label}`
  const before = earlier(world, key, of)
  if (before) return before
  const answer = nextAttempt(world, step.id)
  const outputs = namedOutputs(step, answer.outputs)
  const unset = unsetVariable(world, call.script, of.outputs)
  const outcome =
    unset === undefined ? outcomeOf(answer, outputs, call, key, world) : unbound(unset, key, world)
  const passes = outcome.status === 'exit' && outcome.code === 0
  const takes = unset === undefined && (answer.effect ?? passes)
  const dies = diesHere(world, 'in', step.id)
  if (dies) {
    const done = unset === undefined && (dies.finishes ? takes : dies.effect)
    world.processes.set(key, dies.finishes ? outcome : 'lost')
    if (done) takeEffect(world, step, outputs)
    die(world, dies)
  }
  world.now += outcome.ms
  if (takes) takeEffect(world, step, outputs)
  world.processes.set(key, outcome)
  return outcome
}

/** The undo of a step takes its effect away. */
export function runUndo(world: World, of: AttemptOf, call: ScriptCall): ProcessOutcome {
  const { step } = of
  const key = `${step.id}/${call.label}`
  const before = earlier(world, key, of)
  if (before) return before
  const { undo = { exit: 0, takes: 0 } } = answersOf(world, step.id)
  const unset = unsetVariable(world, call.script, of.outputs)
  const outcome =
    unset === undefined
      ? outcomeOf({ exit: undo.exit, takes: undo.takes }, {}, call, key, world)
      : unbound(unset, key, world)
  const passes = outcome.status === 'exit' && outcome.code === 0
  const dies = diesHere(world, 'undo', step.id)
  if (dies) {
    world.processes.set(key, dies.finishes ? outcome : 'lost')
    if (dies.finishes ? passes : dies.effect) takeBack(world, step.id)
    die(world, dies)
  }
  world.now += outcome.ms
  if (passes) takeBack(world, step.id)
  world.processes.set(key, outcome)
  return outcome
}

function takeBack(world: World, step: string): void {
  world.effects.delete(step)
  world.undone.push(step)
}

/** The end of the `done` fence of a step, by the effects in the world. */
export function checkDone(
  world: World,
  of: Omit<AttemptOf, 'attempt' | 'intent'>,
  script: Fence,
): ProcessOutcome {
  const { step, outputs } = of
  const key = `${step.id}/done`
  const unset = unsetVariable(world, script, outputs)
  if (unset !== undefined) return unbound(unset, key, world)
  const held = world.effects.get(step.id)
  const exit = answersOf(world, step.id).done ?? (held ? 0 : 1)
  // A fence that only looks has no outputs to give back.
  const writes = script.code.includes('RUNBOOK_OUTPUT')
  return ended(exit, 0, exit === 0 && writes ? namedOutputs(step, held) : {})
}

/** A script that was started before: its end where that is recorded, and unknown where it is not. */
function earlier(world: World, key: string, { intent }: AttemptOf): ProcessOutcome | undefined {
  const existing = world.processes.get(key)
  if (existing === 'lost') return unknown('may have taken effect: its runner died before it ended')
  if (existing) return { ...existing, adopted: true }
  if (intent.boot === world.machine.boot) return undefined
  return unknown('may have been started before the machine was changed or restarted')
}

/** The end of an attempt whose runner died; nothing is started. */
export function haltScript(world: World, of: AttemptOf): ProcessOutcome {
  const key = `${of.step.id}/${of.attempt}`
  return earlier(world, key, of) ?? { ...unknown('was not started'), status: 'not-started', adopted: true }
}

function outcomeOf(
  { exit = 0, takes = 0, stdout, json }: AttemptAnswer,
  outputs: Record<string, string>,
  { timeoutMs }: ScriptCall,
  key: string,
  world: World,
): ProcessOutcome {
  if (takes > timeoutMs) return { ...ended(0, timeoutMs, {}), status: 'timeout', code: null }
  const text = stdout ?? (json === undefined ? '' : JSON.stringify(json))
  const files = text === '' ? [] : [keepOutput(world, `${key}.stdout`, text)]
  return { ...ended(exit, takes, outputs), files }
}

function ended(code: number, ms: number, outputs: Record<string, string>): ProcessOutcome {
  return { status: 'exit', code, signal: null, why: '', ms, adopted: false, ended: 0, outputs, files: [] }
}

function unknown(why: string): ProcessOutcome {
  return { ...ended(0, 0, {}), status: 'unknown', code: null, why }
}

function keepOutput(world: World, file: string, text: string): OutputFile {
  world.printed.set(file, text)
  return { stream: 'stdout', file, bytes: Buffer.byteLength(text), sha256: sha256(text) }
}

/** The first output that a script reads and no step has produced: with `set -u`, bash stops there. */
function unsetVariable(world: World, script: Fence, outputs: Record<string, string>): string | undefined {
  const declared = declaredBy(world)
  return variablesRead(script).find((name) => declared.has(name) && !Object.hasOwn(outputs, name))
}

const declarations = new WeakMap<object, ReadonlySet<string>>()

function declaredBy({ original }: World): ReadonlySet<string> {
  const existing = declarations.get(original)
  if (existing) return existing
  const made = new Set(original.steps.flatMap(({ outputs }) => outputs))
  declarations.set(original, made)
  return made
}

function unbound(name: string, key: string, world: World): ProcessOutcome {
  return { ...ended(1, 0, {}), files: [keepOutput(world, `${key}.stdout`, `${name}: unbound variable`)] }
}
