import { checkApprovers, sayUndeclared, undeclared } from '../../../check/check-approvers.ts'
import { includes } from '../../../check/check-includes.ts'
import type { Config } from '../../../config.ts'
import { makePlan } from '../../../engine/plan/make-plan.ts'
import { readInputs } from '../../../engine/plan/read-inputs.ts'
import { approvalsOf, possible } from '../../../engine/people/approval.ts'
import { posted } from '../../../engine/people/inbox.ts'
import { parseKey } from '../../../journal/record/event.ts'
import { runnersBefore } from '../../../journal/verify/evidence.ts'
import type { StepState } from '../../../journal/fold.ts'
import type { StoredRun } from '../../../journal/record/run-store.ts'
import { asText } from '../../../model/values/json.ts'
import { strongest } from '../../../model/people/presence-level.ts'
import { isPlain, samePerson } from '../../../model/people/person.ts'
import type { Plan } from '../../../model/plan.ts'
import type { Runbook } from '../../../model/runbook.ts'
import { findEntry, readEntry } from '../../../library.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { refuseWithoutKeys } from './refuse-without-keys.ts'
import type { Standing } from './refuse-without-keys.ts'
import { peopleList, readPeopleList } from './people-list.ts'
import { identify } from './identify.ts'

/**
 * The plan with what its approvals need to know of people, frozen with it: who has which role, which spellings are
 * one person, and how surely they must be there. Refuses a role or a person that is not declared.
 */
export async function withPeople(made: Plan, config: Config, io: Io): Promise<Plan> {
  const presence = strongest(made.presence, config.presence)
  const services = (await readPeopleList(config, io)).list.people?.services ?? []
  const plan = {
    ...made,
    ...(presence === 'none' ? {} : { presence }),
    ...(services.length > 0 ? { services } : {}),
  }
  const wanted = approvalsOf(plan)
  if (plan.selfApproval || (wanted.length === 0 && plan.close === undefined)) return plan
  const list = await peopleList(config, io)
  const words = [...new Set(wanted.flatMap((one) => one.words))]
  const unknown = words.flatMap((word) => undeclared(word, list))[0]
  if (unknown !== undefined) {
    const [message, { hint }] = sayUndeclared(unknown, list)
    throw new CliError(exit.usage, `${message}; nothing ran`, hint)
  }
  const { people } = list
  if (!people) return plan
  const named = Object.fromEntries(words.map((word) => [word, people.holders[word] ?? []]))
  return { ...plan, people: named, aliases: { ...people.aliases } }
}

/**
 * Refuses, before the first step, what a runbook reached by its includes cannot do: one that names a role or person nobody
 * declares, or asks for presence that too few can show. Its inputs are known only at its step.
 */
export async function refuseWithin(
  runbook: Runbook,
  practice: boolean,
  config: Config,
  io: Io,
): Promise<void> {
  const reached = await reachedBy(runbook, config, io)
  if (reached.length === 0) return
  if (reached.some(({ steps }) => steps.some(({ kind }) => kind === 'approval'))) {
    const [problem] = checkApprovers(reached, await peopleList(config, io))
    if (problem) {
      const { file, line, column } = problem.place
      throw new CliError(
        exit.usage,
        `${file}:${line}:${column}: ${problem.message}; nothing ran`,
        problem.hint ?? 'Correct it.',
      )
    }
  }
  if (practice) return
  const { actor } = await identify(config, io, 'runner')
  for (const document of reached) {
    const { plan: made } = await makePlan(document, await readInputs(document, new Map()), config.kinds)
    const plan = await withPeople(made, config, io)
    refuseWithoutKeys({ plan, runners: [actor.id], done: new Set(), given: new Map() }, config, io)
  }
}

/** The documents that a runbook includes, and those that they include. */
export async function reachedBy(runbook: Runbook, config: Config, io: Io): Promise<Runbook[]> {
  const reached = new Map<string, Runbook>()
  const pending = [runbook]
  for (let next = pending.pop(); next; next = pending.pop())
    for (const { target } of includes(next)) {
      const entry = reached.has(target) ? undefined : findEntry(config.content, target, io.cwd)
      if (!entry) continue
      const { document } = await readEntry(entry, io.cwd, config.kinds)
      reached.set(target, document)
      pending.push(document)
    }
  return [...reached.values()]
}

/** Refuses to run what could not be approved then: whoever runs it may not approve it, and too few others may. */
function refuseUnapprovable({ plan, runners, done, given }: Standing): void {
  const actor = runners.at(-1) ?? ''
  const wanted = plan.selfApproval ? [] : approvalsOf(plan).filter(({ step }) => !done.has(step))
  if (wanted.length > 0 && !isPlain(actor))
    throw new CliError(
      exit.usage,
      `\`${actor}\` is not an address in plain ASCII, so an approval cannot tell it from another; nothing ran`,
      'Set RUNBOOK_ACTOR, or list it in people.yaml under the `aliases` of an ASCII address.',
    )
  for (const { step, min, words, isConditional, isLate } of wanted) {
    const before = given.get(step) ?? []
    const left = possible(plan, words, [...runners, ...before])
    if (isConditional || isLate || left.length + before.length >= min) continue
    const may = left.length === 0 ? 'no other person may' : `only ${left.join(', ')} may`
    throw new CliError(
      exit.decided,
      `Step \`${step}\` needs ${min} of ${words.join(', ')}; if ${actor} runs this, ${may} approve it. Nothing was run`,
      'Let somebody run it whose approval it does not need, or give the role to more people.',
    )
  }
}

/** Refuses to start a run that its own starter keeps from ever being approved. */
export async function refuseToStart(plan: Plan, practice: boolean, config: Config, io: Io): Promise<void> {
  const { actor } = await identify(config, io, 'runner')
  const standing = { ...(await settled(plan)), runners: [actor.id], given: new Map() }
  refuseUnapprovable(standing)
  if (!practice) refuseWithoutKeys(standing, config, io)
}

/**
 * The same for the operator of a resume, whose approval of the run would be void then. A decision of theirs that the run has
 * not read yet is said, with who may decide in their place.
 */
export async function refuseToResume(stored: StoredRun, config: Config, io: Io): Promise<void> {
  const { plan, events, state, folder } = stored
  const { actor } = await identify(config, io, 'runner')
  const { aliases } = plan
  const runners = [...runnersBefore(events, events.length), actor.id]
  const given = new Map<string, string[]>()
  for (const { type, key, actor: by } of events) {
    const { step } = parseKey(key)
    if (type === 'approval-given') given.set(step, [...(given.get(step) ?? []), by.id])
  }
  const done = new Set([...state.steps.values()].filter(isDone).map(({ id }) => id))
  const now = await settled(plan)
  const standing = { plan: now.plan, runners, done: new Set([...done, ...now.done]), given }
  refuseUnapprovable(standing)
  if (state.practice !== true) refuseWithoutKeys(standing, config, io)
  for (const { step, words } of approvalsOf(plan).filter((one) => !done.has(one.step))) {
    const topics = events.filter(
      ({ type, key }) => type === 'approval-requested' && parseKey(key).step === step,
    )
    const own = topics
      .flatMap(({ key }) => posted(folder, key))
      .find(({ answer }) =>
        samePerson(asText((answer?.['by'] as { id?: string } | undefined)?.id), actor.id, aliases),
      )
    if (!own || plan.selfApproval) continue
    const may = possible(plan, words, [...runners, ...(given.get(step) ?? [])])
    io.say(
      `${io.style('yellow', '!')} Your decision on \`${step}\` does not count, because you resume the run yourself. May decide: ${may.join(', ')}`,
    )
  }
}

/** A plan without the conditions that its inputs decide: a step whose condition is false needs no decision. */
async function settled(plan: Plan): Promise<{ plan: Plan; done: Set<string> }> {
  const done = new Set<string>()
  const steps = await Promise.all(
    plan.steps.map(async (step) => {
      const { when, ...attributes } = step.attributes
      if (typeof when !== 'string') return step
      const holds = await holdsByInputs(when, plan)
      if (holds === false) done.add(step.id)
      return holds === true ? { ...step, attributes } : step
    }),
  )
  return { plan: { ...plan, steps }, done }
}

/** Whether a condition holds; undefined when more than the inputs of the plan decide it. */
async function holdsByInputs(when: string, { inputs }: Plan): Promise<boolean | undefined> {
  const { celNames, evaluateCondition } = await import('../../../model/values/cel.ts')
  const isGiven = celNames(when).read.every(
    ({ scope, name }) => scope === 'inputs' && Object.hasOwn(inputs, name),
  )
  try {
    return isGiven ? evaluateCondition(when, { inputs, outputs: {}, run: {} }) : undefined
  } catch {
    return undefined
  }
}

function isDone({ status }: StepState): boolean {
  return status === 'passed' || status === 'skipped' || status === 'undone'
}
