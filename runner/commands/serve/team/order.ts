import { canonical } from '../../../journal/record/canonical.ts'
import { sha256 } from '../../../journal/record/write-journal.ts'
import type { Actor, Plan } from '../../../model/plan.ts'
import { isProblemError } from '../../../model/problem.ts'
import type { JsonObject } from '../../../model/values/json.ts'
import type { Order } from '../../../team/port.ts'
import { plannedOrder } from '../../order/order-for.ts'
import { silentIo } from '../../mcp/desk.ts'
import { isFirst, refuse, sentTwice } from '../acts/act.ts'
import type { NotDone } from '../acts/act.ts'
import { withInputs } from '../acts/control.ts'
import { actorOf, seeOther } from '../room.ts'
import type { Room, Visit } from '../room.ts'
import { hubHindrance, keepWish, makeWish } from './wish.ts'
import type { Wish } from './wish.ts'
import { inputLines, stepLines } from './shown-lines.ts'

/** How long an order of a page counts, in milliseconds. */
const expiresMs = 24 * 3_600_000

interface PageOrder {
  slug: string
  /** Values by name; no secret is among them. */
  inputs: Readonly<Record<string, string>>
  /** Empty for the first step. */
  from: string
  by: Actor
  /** The id of the run. Default: a new one. */
  run?: string
}

/** The wish for a new run, planned here as the runner will plan it; or why it could not start. */
export async function orderWish(
  { config, io }: Pick<Room, 'config' | 'io'>,
  { slug, inputs, from, by, run }: PageOrder,
): Promise<{ run: string; wish: Wish; plan: Plan } | NotDone> {
  const env = { ...withInputs(io.env, []), RUNBOOK_ACTOR: by.id }
  try {
    const wanted = { name: slug, prefilled: { ...inputs }, from: from || undefined }
    const { order, plan } = await plannedOrder(
      { wanted, by, expiresMs, ...(run === undefined ? {} : { run }) },
      config,
      { ...silentIo({ ...io, env }).io, env },
    )
    const planSha256 = sha256(canonical(plan as unknown as JsonObject))
    const hindrance = hubHindrance(plan, `\`runbook order ${slug}\``)
    if (hindrance) return hindrance
    return { run: order.run, plan, wish: wishFor({ ...order, planSha256 }, plan) }
  } catch (error) {
    if (!isProblemError(error)) throw error
    const { message, hint = '' } = error.problem
    return { status: 422, problem: `${message}. ${hint}`.trim() }
  }
}

/** Keeps the wish for a run, which the next page has signed. */
export async function orderOnPage(
  visit: Visit,
  slug: string,
  inputs: Readonly<Record<string, string>>,
  from: string,
): Promise<Response> {
  const { room, session } = visit
  const made = await orderWish(room, { slug, inputs, from, by: await actorOf(room, session) })
  if ('problem' in made) return refuse(visit, made)
  if (!(await isFirst(visit))) return refuse(visit, sentTwice)
  await keepWish(room.unsigned, session, made.run, made.wish)
  return seeOther(visit, `order/${made.run}/${slug}`)
}

function wishFor(order: Order & { planSha256: string }, plan: Plan): Wish {
  const { client } = order.by
  const isOfAgent = typeof client === 'string'
  return makeWish('start', order, plan, {
    title: `Order: ${plan.title}`,
    facts: [
      ['Runbook', plan.slug],
      ['Run', order.run],
      ['Key', order.key],
      ['You order as', order.by.id],
      ...(isOfAgent ? [['Asked for by', `the agent ${client}`] as const] : []),
    ],
    lines: [
      `${plan.title}: a run that a runner of the team takes until ${order.expires}`,
      ...(isOfAgent
        ? ['', `The agent ${client} asks for it. Each step that changes something waits for a person.`]
        : []),
      ...(order.from === '' ? [] : ['', `It begins at the step ${order.from}.`]),
      ...inputLines(plan),
      ...stepLines('Steps', plan.steps, 'run'),
      '',
      `Document ${order.documentSha256}`,
      `Plan ${order.planSha256}`,
    ],
  })
}
