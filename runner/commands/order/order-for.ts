import { createHash } from 'node:crypto'
import type { Config } from '../../config.ts'
import { newRunId, runIdOf } from '../../engine/run-id.ts'
import type { Signer } from '../../engine/sign/signing-key.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import type { Io } from '../../kit/io.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import type { Runbook } from '../../model/runbook.ts'
import { makeOrder, readOrder, signOrder } from '../../team/order.ts'
import type { Order, TeamDesk } from '../../team/port.ts'
import type { Wanted } from '../exec/requested-run.ts'
import { planFor } from '../shared/plan/plan-for.ts'
import { digestsOfIncludes } from '../runner/ordered-plan.ts'
import { refuseToStart, refuseWithin } from '../shared/people/plan-people.ts'
import { openRunbook } from '../shared/workspace.ts'

export interface OrderWish {
  wanted: Wanted
  /** `name=value` of flags; `wanted` has the values that are prefilled. */
  inputs?: readonly string[]
  by: Actor
  /** The runner that is to take it; any by default. */
  on?: string | undefined
  /** RFC 3339; at once by default. */
  notBefore?: string
  /** How long a runner may take it, in milliseconds. */
  expiresMs: number
  practice?: boolean
  schedule?: Order['schedule'] | undefined
  /** The id of the run, where it is already told. Default: that of its alert or moment, or a new one. */
  run?: string
}

/** The order of a wish, by the runbook of this checkout. Throws where it cannot be planned. */
export async function orderFor(wish: OrderWish, config: Config, io: Io): Promise<Order> {
  return (await plannedOrder(wish, config, io)).order
}

/** The order, with the plan that it is about. */
export async function plannedOrder(
  wish: OrderWish,
  config: Config,
  io: Io,
): Promise<{ order: Order; plan: Plan }> {
  const { wanted, inputs = [], by, on = '', notBefore = '', expiresMs, practice = false, schedule } = wish
  const { runbook, document } = await openRunbook(config, wanted.name, io)
  // A secret comes from the environment of the runner; here any value only makes the plan.
  const { plan } = await planFor(config, runbook, inputs, withoutSecrets(runbook, io), wanted.prefilled)
  await refuseWithin(runbook, practice, config, io)
  await refuseToStart(plan, practice, config, io)
  const { alert } = wanted
  const { slug } = plan
  const order = makeOrder({
    run: wish.run ?? idOfOrder({ slug, alert: alert ?? {}, schedule }, 0) ?? newRunId(slug, new Date()),
    slug,
    documentSha256: sha256(document),
    includes: await digestsOfIncludes(runbook, config, io),
    inputs: plan.inputs,
    key: plan.concurrency,
    wants: on,
    notBefore,
    expires: new Date(Date.now() + expiresMs).toISOString(),
    by,
    from: wanted.from ?? '',
    practice,
    alert: alert ?? {},
    ...(schedule === undefined ? {} : { schedule }),
  })
  return { order, plan }
}

/** The order that the team has: whether it is this one, and the id of its run. */
export interface Left {
  run: string
  isNew: boolean
}

/**
 * Signs an order and leaves it. One alert, or moment of a schedule, is one run, whichever machine hears of it and however
 * often: the letters of its id come from it, and others are taken while an order of another one has them.
 */
export async function leaveOrder(
  port: Pick<TeamDesk, 'enqueue' | 'runs'>,
  order: Order,
  signer: Signer,
): Promise<Left> {
  for (let tries = 0; ; tries++) {
    const own = idOfOrder(order, tries)
    const run = own ?? order.run
    if (await port.enqueue(signOrder({ ...order, run }, signer))) return { run, isNew: true }
    if (own === undefined || tries === mostTries) return { run, isNew: false }
    const [row] = await port.runs({ run, removed: true })
    const there = readOrder(row?.statement ?? '')
    if (there.ok && causeOf(there.value)?.text === causeOf(order)?.text) return { run, isNew: false }
  }
}

/** Orders of one name and second that may have the same letters. */
const mostTries = 20

type Caused = Pick<Order, 'slug' | 'alert'> & { schedule?: Order['schedule'] | undefined }

/** The alert or moment that an order is for: its text, its time, and its name in the id; undefined for one of a person. */
function causeOf({ slug, alert, schedule }: Caused): { text: string; at: string; name: string } | undefined {
  if (schedule)
    return { text: `${schedule.name} ${schedule.moment}`, at: schedule.moment, name: schedule.name }
  const { fingerprint, startsAt = '' } = alert
  return fingerprint === undefined
    ? undefined
    : { text: `${fingerprint} ${startsAt}`, at: startsAt, name: slug }
}

/** The id of the run of an alert or moment, and others where an order of another one has it; undefined for a person's. */
function idOfOrder(order: Caused, tries: number): string | undefined {
  const cause = causeOf(order)
  if (!cause) return undefined
  const began = Date.parse(cause.at)
  const digest = createHash('sha256')
    .update([cause.text, ...(tries === 0 ? [] : [tries])].join(' '))
    .digest()
  return runIdOf(cause.name, new Date(Number.isNaN(began) ? 0 : began), [...digest.subarray(0, 4)])
}

/** No secret is in an order. */
export function withoutSecrets({ meta }: Runbook, io: Io): Io {
  const secrets = Object.entries(meta.inputs ?? {}).filter(([, { type }]) => type === 'secret')
  const placeholders = secrets.map(([name]) => [`RUNBOOK_INPUT_${name.toUpperCase()}`, 'from-the-runner'])
  return { ...io, env: { ...io.env, ...Object.fromEntries(placeholders) } }
}
