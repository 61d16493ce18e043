import type { AgentOrders } from '../../mcp/desk.ts'
import { wordsOf } from '../../shared/team/team-words.ts'
import { asText } from '../../../model/values/json.ts'
import type { JsonObject } from '../../../model/values/json.ts'
import { failure, ProblemError, success } from '../../../model/problem.ts'
import { readOrder } from '../../../team/order.ts'
import type { Room } from '../room.ts'
import { orderWish } from '../team/order.ts'
import { agentWishes, dropWish, keepWish, wishOf } from '../team/wish.ts'
import type { Token } from './api-tokens.ts'
import { clientOf } from './bearer.ts'
import type { Mirror } from './mirror.ts'

/** How long the request of an agent waits for the signature of its person, in milliseconds. */
const waitMs = 60 * 60_000

/**
 * The orders of an agent at the hub of a team. It has no key that a runner believes, and the hub has none either: an order of
 * an agent is a request, and the owner of its token signs it.
 */
export function agentOrders(room: Room, mirror: Mirror, { id, owner }: Token): AgentOrders {
  const { unsigned, origin, base } = room
  const client = clientOf(id)

  async function askedBy(run: string) {
    const wish = await wishOf(unsigned, agentWishes, 'start', run)
    return wish && asText((wish.draft['by'] as JsonObject)['client']) === client ? wish : undefined
  }

  return {
    async ask({ slug, inputs, run, digest }) {
      const host = new URL(origin).hostname
      const by = { id: owner, host, via: 'agent', client }
      const made = await orderWish(room, { slug, inputs, from: '', by, run })
      if ('problem' in made) return failure(made.problem)
      if (`${run}.${asText(made.wish.draft['planSha256'])}` !== digest)
        return failure('The digest is not that of the plan for these inputs; nothing was asked for')
      await keepWish(unsigned, agentWishes, run, made.wish, waitMs)
      return success(undefined)
    },
    async standing(run) {
      const wish = await askedBy(run)
      if (wish) {
        const slug = asText(wish.draft['slug'])
        return {
          status: 'input_required',
          words: 'waits for the signature of a person',
          since: asText(wish.draft['at']),
          forPerson: {
            question: wish.shown,
            step: '',
            mayDecide: [owner],
            address: `${origin}${base}order/${run}/${slug}`,
            command: `runbook order ${slug}`,
          },
        }
      }
      const [row] = await mirror.port.runs({ run })
      const order = row && readOrder(row.statement)
      if (!row || !order?.ok || order.value.by['client'] !== client) return undefined
      const isOver = row.state === 'expired' || row.state === 'ended'
      return {
        status: isOver ? 'failed' : 'working',
        words: wordsOf(row),
        since: row.orderedAt.toISOString(),
      }
    },
    async withdraw(run) {
      if (!(await askedBy(run))) return false
      await dropWish(unsigned, agentWishes, 'start', run)
      return true
    },
    carry: (run) =>
      mirror.carry(run).catch(() => {
        throw new ProblemError({ message: 'The database of the team is away; nothing was left there' })
      }),
  }
}
