import type { Config } from '../../config.ts'
import { canonical } from '../../journal/record/canonical.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import type { Io } from '../../kit/io.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { makeOrder } from '../../team/order.ts'
import type { Order } from '../../team/port.ts'
import { planFor } from '../plan/plan-command.ts'
import { digestsOfIncludes } from '../runner/ordered-plan.ts'
import { refuseToStart, refuseWithin } from '../shared/plan-people.ts'
import { openRunbook } from '../shared/workspace.ts'

/** The wish that an order is made from. */
interface OrderWish extends Pick<Order, 'wants' | 'notBefore' | 'from' | 'practice' | 'alert'> {
  /** The runbook, by its name or path. */
  name: string
  /** Values as `-i` takes them. */
  input: readonly string[]
  /** Values by name. */
  prefilled: Readonly<Record<string, string>>
  /** The id of the run, for the slug of the plan. */
  run(slug: string): string
  /** How long it counts, in milliseconds. */
  expiresMs: number
  by: Actor
}

/** An order that is not signed yet, and the plan it is about. Throws where the run could not start. */
export async function newOrder(
  config: Config,
  io: Io,
  wish: OrderWish,
): Promise<{ order: Order; plan: Plan; planSha256: string }> {
  const { wants, notBefore, from, practice, alert, by } = wish
  const { runbook, document } = await openRunbook(config, wish.name, io)
  // A secret comes from the environment of the runner; here any value only makes the plan.
  const { plan } = await planFor(config, runbook, wish.input, withoutSecrets(runbook, io), wish.prefilled)
  await refuseWithin(runbook, practice, config, io)
  await refuseToStart(plan, practice, config, io)
  const order = makeOrder({
    run: wish.run(plan.slug),
    slug: plan.slug,
    documentSha256: sha256(document),
    includes: await digestsOfIncludes(runbook, config, io),
    inputs: plan.inputs,
    key: plan.concurrency,
    wants,
    notBefore,
    expires: new Date(Date.now() + wish.expiresMs).toISOString(),
    by,
    from,
    practice,
    alert,
  })
  return { order, plan, planSha256: sha256(canonical(plan as unknown as JsonObject)) }
}

/** No secret is in an order. */
function withoutSecrets({ meta }: Runbook, io: Io): Io {
  const secrets = Object.entries(meta.inputs ?? {}).filter(([, { type }]) => type === 'secret')
  const placeholders = secrets.map(([name]) => [`RUNBOOK_INPUT_${name.toUpperCase()}`, 'from-the-runner'])
  return { ...io, env: { ...io.env, ...Object.fromEntries(placeholders) } }
}
