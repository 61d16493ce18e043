import type { Config } from '../../../config.ts'
import { makePlan } from '../../../engine/plan/make-plan.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import type { Plan } from '../../../model/plan.ts'
import type { Runbook } from '../../../model/runbook.ts'
import { withPeople } from '../people/plan-people.ts'
import { gatherInputs } from './gather-inputs.ts'
import { refuseBrokenIncludes } from './refuse-includes.ts'

/** Makes the plan, or names the values that prevent it. */
export async function planFor(
  config: Config,
  runbook: Runbook,
  flags: readonly string[],
  io: Io,
  prefilled: Readonly<Record<string, string>> = {},
): Promise<{ plan: Plan; secrets: Record<string, string> }> {
  await refuseBrokenIncludes(runbook, config, io)
  // A run of nothing would succeed.
  if (runbook.steps.length === 0) {
    const hint = `\`runbook check ${runbook.slug}\` says why.`
    throw new CliError(exit.invalid, `${runbook.slug} has no steps; there is nothing to run`, hint)
  }
  const inputs = await gatherInputs(runbook, flags, io, prefilled)
  const { plan, problems } = await makePlan(runbook, inputs, config.kinds)
  const [problem] = problems
  if (problem) throw new CliError(exit.usage, problem.message, problem.hint)
  return { plan: await withPeople(plan, config, io), secrets: inputs.secrets }
}
