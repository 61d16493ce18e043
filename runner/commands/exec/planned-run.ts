import type { Config } from '../../config.ts'
import { newRunId } from '../../engine/run-id.ts'
import { canonical } from '../../journal/record/canonical.ts'
import { hasBegun, runFolder } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Plan } from '../../model/plan.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'

/** Names one run of a plan: the id it will have, a dot, and the SHA-256 that its first event will give for the plan. */
export function digestOf(plan: Plan, run = newRunId(plan.slug, new Date())): string {
  return `${run}.${sha256(canonical(plan as unknown as JsonObject))}`
}

/** The id of the run that a digest names; undefined for text that is not one. A run id is part of a path. */
export function runInDigest(digest: string): string | undefined {
  return /^(\d{8}-\d{6}-[\w-]{1,200}-[2-9a-z]{4})\.[0-9a-f]{64}$/.exec(digest)?.[1]
}

/** The id under which a call with `--as-planned` starts its run. Throws when the plan is another one or the run was started. */
export function plannedRun(
  asPlanned: string | undefined,
  plan: Plan,
  { state }: Pick<Config, 'state'>,
): string | undefined {
  if (asPlanned === undefined) return undefined
  const run = runInDigest(asPlanned)
  if (run === undefined || digestOf(plan, run) !== asPlanned)
    throw new CliError(
      exit.usage,
      'The plan is not the one that the digest names: the document, an input or the list of people has changed; nothing ran',
      'Make a plan again, read it, and give its digest.',
    )
  if (hasBegun(runFolder(state, run)))
    throw new CliError(exit.usage, `The run ${run} was started before`, `See \`runbook log ${run}\`.`)
  return run
}
