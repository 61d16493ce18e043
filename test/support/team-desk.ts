import { randomUUID } from 'node:crypto'
import { newRunId } from '../../runner/engine/run-id.ts'
import { signOrder, signTakeover } from '../../runner/team/order.ts'
import type { Order, TeamPort, TeamRun } from '../../runner/team/port.ts'
import type { Team } from './team.ts'

const who = 'alice@example.com'

/** A person at a desk of the team: what `order` and `takeover` do, without a process for each. */
export interface Desk {
  port: TeamPort
  /** Orders a run and returns its id. Throws Away while the database is away. */
  order(slug: string, more?: Partial<Pick<Order, 'wants' | 'inputs' | 'key'>>): Promise<string>
  /** Takes a run over with force; returns the new epoch. */
  takeOver(row: Pick<TeamRun, 'run' | 'epoch' | 'runner'>, to: string): Promise<number>
  close(): Promise<void>
}

export async function openDesk(space: Team): Promise<Desk> {
  const port = await space.port('person')
  const signer = space.signer(who)
  const samples = new Map<string, Order>()
  const sampleOf = async (slug: string, inputs: Record<string, string> = {}): Promise<Order> => {
    const known = samples.get(slug)
    if (known) return known
    const given = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
    const { code, stdout, stderr } = await space.call(['order', slug, ...given, '--dry-run'], who)
    if (code !== 0) throw new Error(stderr)
    const made = JSON.parse(stdout) as Order
    samples.set(slug, made)
    return made
  }
  return {
    port,
    async order(slug, more = {}) {
      const now = new Date()
      const order: Order = {
        ...(await sampleOf(slug, more.inputs)),
        ...more,
        run: newRunId(slug, now),
        at: now.toISOString(),
        expires: new Date(now.getTime() + 3_600_000).toISOString(),
        nonce: randomUUID(),
      }
      await port.enqueue(signOrder(order, signer))
      return order.run
    },
    async takeOver({ run, epoch, runner }, to) {
      const by = { id: who, host: 'desk', via: 'flag' }
      const at = new Date().toISOString()
      const wish = {
        v: 1 as const,
        run,
        epoch,
        was: runner ?? '',
        runner: to,
        force: true,
        reason: 'It is silent',
        by,
        at,
      }
      return port.takeOver(wish, signTakeover(wish, signer))
    },
    close: () => port.close(),
  }
}
