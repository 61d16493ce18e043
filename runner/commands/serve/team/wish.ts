import type { Session } from '../../../http/access.ts'
import { sha256 } from '../../../journal/record/write-journal.ts'
import type { Plan } from '../../../model/plan.ts'
import type { Presence } from '../../../model/people/presence-level.ts'
import type { JsonObject } from '../../../model/values/json.ts'
import { wholePresence } from '../../../team/page-signature.ts'
import type { TeamDesk } from '../../../team/port.ts'
import { teamNamespaces } from '../../../team/statement.ts'
import type { NotDone } from '../acts/act.ts'
import type { Unsigned } from '../room.ts'

/** The acts that runners of a team heed only when a person signed them, by the last part of their addresses. */
export type TeamAct = 'start' | 'resume' | 'rollback' | 'watch' | 'takeover'

/** The part of the team's database that a hub acts through. */
export type TeamActs = Pick<
  TeamDesk,
  'enqueue' | 'takeOver' | 'answer' | 'answers' | 'runs' | 'runners' | 'holder' | 'withdraw'
>

/** An act that a person asked for on a page, and that their passkey has not signed yet. Plain data. */
export interface Wish {
  act: TeamAct
  title: string
  shown: string
  facts: (readonly [name: string, value: string])[]
  /** The statement without its time of signing. */
  draft: JsonObject
  /** The level that the plan asks for; a page of the hub is enough for it. */
  presence: Presence
}

/** The wish for a statement, with the text that the person reads before they sign. */
export function makeWish(
  act: TeamAct,
  statement: JsonObject,
  plan: Plan,
  { title, lines, facts }: { title: string; lines: readonly string[]; facts: Wish['facts'] },
): Wish {
  const shown = lines.join('\n')
  return {
    act,
    title,
    shown,
    facts,
    draft: { ...statement, shownSha256: sha256(shown) },
    presence: wholePresence(plan),
  }
}

/** Why a page of a hub cannot get the signature for a plan; undefined when it can. */
export function hubHindrance(plan: Plan, command: string): NotDone | undefined {
  const presence = wholePresence(plan)
  if (presence === 'none' || presence.endsWith('@hub')) return undefined
  return {
    status: 409,
    problem: `The runbook asks for presence \`${presence}\`, which a page of the hub cannot show. Sign on your own machine: ${command}. Nothing was done.`,
  }
}

export function namespaceOf(act: TeamAct): string {
  return act === 'takeover' ? teamNamespaces.takeover : teamNamespaces.order
}

/** The owner of the wishes of agents, which no browser is: each is signed by the person that it names. */
export const agentWishes = { id: 'agents' }

/** A wish belongs to the browser that asked for it. */
function keyOf(browser: string, act: TeamAct, id: string): string {
  return JSON.stringify(['wish', browser, act, id])
}

export async function keepWish(
  unsigned: Unsigned,
  { id: browser }: Pick<Session, 'id'>,
  id: string,
  wish: Wish,
  waitMs?: number,
): Promise<void> {
  await unsigned.put(keyOf(browser, wish.act, id), { wish: JSON.stringify(wish) }, waitMs)
}

export async function wishOf(
  unsigned: Unsigned,
  { id: browser }: Pick<Session, 'id'>,
  act: TeamAct,
  id: string,
): Promise<Wish | undefined> {
  const kept = await unsigned.get(keyOf(browser, act, id))
  return kept && (JSON.parse(kept['wish'] ?? '') as Wish)
}

export async function dropWish(
  unsigned: Unsigned,
  { id: browser }: Pick<Session, 'id'>,
  act: TeamAct,
  id: string,
): Promise<void> {
  await unsigned.drop(keyOf(browser, act, id))
}
