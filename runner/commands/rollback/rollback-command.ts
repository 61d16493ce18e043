import { stepsToUndo } from '../exec/steps-left.ts'
import { resumeRun } from '../../engine/runs.ts'
import { runnersBefore } from '../../journal/verify/evidence.ts'
import { readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { samePerson } from '../../model/people/person.ts'
import type { Request } from './index.ts'
import { driveRun } from '../exec/driver.ts'
import { withDotenv } from '../exec/dotenv.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { gatherSecrets } from '../shared/plan/gather-secrets.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'
import { identify } from '../shared/people/identify.ts'

export async function run({ io: shell, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(shell)
  const id = findRun(config, args.run)
  const stored = readRun(config.state, id)
  const io = withDotenv(shell, options.dotenv, stored.plan)
  if (stored.state.status === 'rolled-back' && stored.state.offered.length === 0)
    throw new CliError(exit.usage, `The run ${id} is rolled back already`, `See \`runbook log ${id}\`.`)
  const { actor } = await identify(config, io, 'runner')
  const asked = dryRun || !(options.yes || io.interactive)
  if (asked && io.json) {
    const steps = stepsToUndo(stored).map((step) => step.id)
    io.out(JSON.stringify({ run: id, ...(dryRun ? { dryRun } : { waiting: true }), steps }))
  } else {
    const say = asked ? io.out : io.note
    if (!io.json) for (const line of undoLines(stored, actor.id, io)) say(line)
  }
  if (dryRun) return exit.done
  if (asked) {
    io.say(`\nNothing was undone. Read it, then undo it with: ${io.program} rollback ${id} --yes`)
    return exit.waiting
  }
  const secrets = await gatherSecrets(stored.plan, options.input, io)
  if (!options.yes && !(await isWanted(id))) return exit.waiting
  const reason = options.reason ?? 'Asked for by the operator'
  const code = await driveRun(
    { config, io, options },
    { plan: stored.plan, secrets, practice: stored.state.practice === true },
    (driver) => resumeRun(id, driver, { rollback: reason }),
  )
  // Here a finished rollback is what was asked for.
  return readRun(config.state, id).state.status === 'rolled-back' ? exit.done : code
}

/** Whose run it is, and what would be undone, last step first. */
function undoLines(stored: StoredRun, by: string, io: Io): string[] {
  const { plan, state, events } = stored
  const others = [
    ...new Set(runnersBefore(events, events.length).filter((id) => !samePerson(id, by, plan.aliases))),
  ]
  const steps = stepsToUndo(stored)
  return [
    `${io.style('bold', printable(plan.title))}  ${io.style('dim', `${state.run}, started ${state.startedAt}`)}`,
    ...(others.length > 0
      ? [
          `${io.style('yellow', '!')} This is the run of ${printable(others.join(', '))}, not yours (${printable(by)}).`,
        ]
      : []),
    ...Object.entries(plan.inputs).map(([name, value]) => `  ${name} = ${printable(value)}`),
    steps.length === 0 ? 'Nothing is to be undone.' : 'To be undone, in this order:',
    ...steps.flatMap((step) => {
      const undo = step.fences.find(({ role }) => role === 'undo')
      const head = `  ${io.style('yellow', '↺')} ${step.id}  ${printable(step.title)}`
      if (!undo) return [`${head}: there is no undo, its effect stays`]
      return [head, ...undo.code.split('\n').map((line) => io.style('dim', `      ${printable(line)}`))]
    }),
  ]
}

/** A yes of the person at the terminal; a prompt that is left is a no. */
async function isWanted(id: string): Promise<boolean> {
  const { PromptCancelled, askChoice } = await import('../../kit/prompt.ts')
  try {
    const answer = await askChoice(`Roll back ${id}?`, [
      { value: 'leave', label: 'Leave it', hint: 'nothing is undone' },
      { value: 'undo', label: 'Undo all of this' },
    ])
    return answer === 'undo'
  } catch (error) {
    if (!(error instanceof PromptCancelled)) throw error
    return false
  }
}
