import type { Config } from '../../config.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { canonical } from '../../journal/record/canonical.ts'
import { findEntry, readEntry } from '../../library.ts'
import type { Io } from '../../kit/io.ts'
import type { Plan } from '../../model/plan.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Order } from '../../team/port.ts'
import { readSchedules, schedulesFile } from '../../team/schedules.ts'
import { planFor } from '../shared/plan/plan-for.ts'
import { reachedBy } from '../shared/people/plan-people.ts'
import { openRunbook } from '../shared/workspace.ts'

interface Planned {
  runbook: Runbook
  document: Buffer
  plan: Plan
  secrets: Record<string, string>
}

/** The digests of the runbooks that one includes, by address. */
export async function digestsOfIncludes(
  runbook: Runbook,
  config: Config,
  io: Io,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const { slug } of await reachedBy(runbook, config, io)) {
    const entry = findEntry(config.content, slug, io.cwd)
    if (entry) digests[slug] = sha256((await readEntry(entry, io.cwd, config.kinds)).bytes)
  }
  return digests
}

/**
 * The plan of an order, from the checkout of this machine: the database brings no code. Throws where the checkout has other
 * bytes of the runbook, or the plan another key or other inputs, than what was signed.
 */
export async function orderedPlan(config: Config, order: Order, io: Io): Promise<Planned> {
  const { runbook, document } = await openRunbook(config, order.slug, io)
  if (sha256(document) !== order.documentSha256)
    throw new Error(`the checkout has another version of ${order.slug} than the order names`)
  const includes = await digestsOfIncludes(runbook, config, io)
  if (canonical(includes) !== canonical(order.includes))
    throw new Error(`the checkout has another version of a runbook that ${order.slug} includes`)
  // The inputs of a schedule are those of this checkout: its service chooses none.
  const scheduled = readSchedules(schedulesFile(config))
  const own = scheduled.ok && scheduled.value.find(({ name }) => name === order.schedule?.name)
  const { plan, secrets } = await planFor(config, runbook, [], io, own ? own.inputs : order.inputs)
  if (plan.concurrency !== order.key)
    throw new Error(`the key would be \`${plan.concurrency}\`, and the order names \`${order.key}\``)
  if (canonical(plan.inputs) !== canonical(order.inputs))
    throw new Error('the inputs would be others than the order names')
  if (order.planSha256 !== undefined && sha256(canonical(plan as unknown as JsonObject)) !== order.planSha256)
    throw new Error('the plan would be another than the one that was signed')
  return { runbook, document, plan, secrets }
}
