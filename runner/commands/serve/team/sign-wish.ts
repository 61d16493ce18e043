import { randomUUID } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { wrapAssertion } from '../../../engine/sign/passkey.ts'
import { passkeysOf } from '../../../engine/sign/security-keys.ts'
import { checkerOf } from '../../../engine/sign/trust.ts'
import { signingApp } from '../../../http/signing-app.ts'
import type { Signed } from '../../../http/signing-app.ts'
import { asksVerified } from '../../../model/people/presence-level.ts'
import { failure, isProblemError, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import type { Actor } from '../../../model/plan.ts'
import { headOf } from '../../../engine/people/request-file.ts'
import { readRun } from '../../../journal/record/run-store.ts'
import { asAnswer, readContinuation } from '../../../team/continuation.ts'
import type { Continuation } from '../../../team/continuation.ts'
import { readOrder, readTakeover } from '../../../team/order.ts'
import { pageDoubt } from '../../../team/page-signature.ts'
import type { Order, SignedAct, Takeover } from '../../../team/port.ts'
import { signatureDoubt, statementOf, timeDoubt } from '../../../team/statement.ts'
import { trustFor } from '../../shared/people/keys.ts'
import { asText } from '../../../model/values/json.ts'
import { movedOn, waysOf } from '../acts/act.ts'
import { actorOf } from '../room.ts'
import type { Room } from '../room.ts'
import type { Route } from '../routes.ts'
import { idOf } from '../run-changes.ts'
import { agentWishes, dropWish, namespaceOf, wishOf } from './wish.ts'
import type { TeamAct, TeamActs, Wish } from './wish.ts'

type Place = Pick<Room, 'config' | 'io' | 'base' | 'origin' | 'guard' | 'unsigned'>

/**
 * The page on which a person signs an act that runners heed: what it says, and the passkey that signs it. All of it is judged
 * here as a runner judges it, so that a person hears at once why it would not count; the runner judges it again.
 */
export function wishSigning(room: Place, team: TeamActs, act: TeamAct, route: Route): Hono {
  const { config, io, base, origin, guard, unsigned } = room
  const namespace = namespaceOf(act)

  async function waiting(context: Context) {
    const session = await guard.admit(context, route)
    const named = context.req.param('run') ?? ''
    const id = act === 'start' ? named : (idOf(config.state, named) ?? '')
    const trust = trustFor(config)
    if (session instanceof Response || !trust) return undefined
    const wish = (await wishOf(unsigned, session, act, id)) ?? (await wishOf(unsigned, agentWishes, act, id))
    if (!wish) return undefined
    const by = wish.draft['by'] as Actor
    // The request of an agent is signed by its person alone.
    if (by.id !== (await actorOf(room, session)).id) return undefined
    const passkeys = passkeysOf(trust, by.id, new URL(origin).hostname, Date.now(), namespace)
    return { session, id, wish, by, passkeys, check: checkerOf(trust, io.env) }
  }

  function judge(
    signed: Signed,
    { id, wish, by, passkeys, check }: NonNullable<Awaited<ReturnType<typeof waiting>>>,
  ): Outcome<SignedAct> {
    const key = passkeys.find(({ credential }) => credential === signed.credential)?.key
    if (!key) return failure(`The passkey is not listed for ${by.id} and for orders`)
    const read = readWish(act, signed.text)
    if (!read.ok) return read
    const { at, ts = '', head } = read.value
    if (head !== undefined && headOf(readRun(config.state, id)) !== head.sha256) return failure(movedOn)
    if (statementOf({ ...wish.draft, ts }) !== signed.text) return failure('The statement is another one')
    const wrapped = wrapAssertion(key, namespace, signed.assertion)
    if (!wrapped.ok) return wrapped
    const made = { statement: signed.text, signature: wrapped.value }
    const doubt =
      timeDoubt({ at, ts }, Date.now()) ??
      signatureDoubt(namespace, { by, at }, made, check) ??
      pageDoubt(made.signature, { presence: wish.presence, steps: [] })
    return doubt === undefined ? success(made) : failure(`A runner would not heed it: ${doubt}`)
  }

  return signingApp({
    origin,
    ask: async (context) => {
      const now = await waiting(context)
      if (!now) return undefined
      const { title, shown, facts, draft, presence } = now.wish
      const canSign = now.passkeys.length > 0
      return {
        title,
        shown,
        facts: canSign ? facts : [...facts, noPasskey],
        ...waysFor(now.wish, base, now.id),
        ...(canSign ? {} : { links: [['Make a passkey', `${base}account/passkey`] as const] }),
        namespace,
        draft,
        choices: !canSign
          ? []
          : [{ label: 'Sign it', members: {}, reason: 'none', tone: act === 'rollback' ? 'bad' : 'ok' }],
        isFile: true,
        passkeys: now.passkeys.map(({ credential }) => credential),
        verified: presence === 'none' || asksVerified(presence),
      }
    },
    take: async (signed, context) => {
      const now = await waiting(context)
      if (!now) return failure('It was signed before, or waited too long')
      const made = judge(signed, now)
      if (!made.ok) return made
      try {
        const words = await leave(team, act, now.id, made.value)
        await dropWish(unsigned, now.session, act, now.id)
        await dropWish(unsigned, agentWishes, act, now.id)
        return success(words)
      } catch (error) {
        if (isProblemError(error)) return { ok: false, problem: error.problem }
        return failure(`The team’s database did not take it: ${(error as Error).message}`)
      }
    },
  })
}

const noPasskey = [
  'Your passkey',
  'allowed_signers lists none that signs this on the hub. Make one, and let a reviewed change add its line.',
] as const

/** An order comes from the page of its runbook, and any other act from that of its run. Each shows on the page of the run. */
function waysFor({ act, draft }: Wish, base: string, id: string): ReturnType<typeof waysOf> {
  const ways = waysOf(base, id)
  if (act !== 'start') return ways
  return { ...ways, back: ['Back to the runbook', `${base}runbooks/${asText(draft['slug'])}/`] }
}

function readWish(
  act: TeamAct,
  text: string,
): Outcome<{ at: string; ts?: string; head?: Continuation['head'] }> {
  const read: Outcome<Order | Takeover | Continuation> =
    act === 'start' ? readOrder(text) : act === 'takeover' ? readTakeover(text) : readContinuation(text)
  if (!read.ok) return read
  const { at, ts } = read.value
  return success({
    at,
    ...(ts === undefined ? {} : { ts }),
    ...('head' in read.value ? { head: (read.value as Continuation).head } : {}),
  })
}

/** Leaves a signed act in the team's database, and says so. */
async function leave(team: TeamActs, act: TeamAct, id: string, made: SignedAct): Promise<string> {
  if (act === 'start') {
    const order = readOrder(made.statement)
    if (!order.ok) throw new Error(order.problem.message)
    await team.enqueue({ order: order.value, ...made })
    return `Signed. The run ${id} is ordered. Its page says which runner takes it.`
  }
  if (act === 'takeover') {
    const takeover = readTakeover(made.statement)
    if (!takeover.ok) throw new Error(takeover.problem.message)
    await team.takeOver(takeover.value, made)
    return `Signed. ${takeover.value.runner} goes on with the run.`
  }
  const wish = readContinuation(made.statement)
  if (!wish.ok) throw new Error(wish.problem.message)
  await team.answer(randomUUID(), id, wish.value.act, asAnswer(made, wish.value.by))
  return 'Signed. The runner goes on with it.'
}
