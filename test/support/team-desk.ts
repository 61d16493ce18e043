import { randomUUID } from 'node:crypto'
import { findByRun } from '../../runner/engine/process/processes.ts'
import { newRunId } from '../../runner/engine/run-id.ts'
import { makeTakeover, signOrder, signTakeover } from '../../runner/team/order.ts'
import type { Order, TeamPort, TeamRun } from '../../runner/team/port.ts'
import { until } from './team.ts'
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
    const sample = samples.get(slug)
    if (sample) return sample
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
    async takeOver(row, to) {
      const by = { id: who, host: 'desk', via: 'flag' }
      const takeover = makeTakeover(row, { runner: to, force: true, reason: 'It is silent', by })
      return port.takeOver(takeover, signTakeover(takeover, signer))
    },
    close: () => port.close(),
  }
}

/** Waits for the end of a run, and says of a step in flight what became of it, once none of its processes is left. */
export async function endOf(space: Team, desk: Desk, run: string, said: () => string): Promise<void> {
  await until(
    async () => {
      const [row] = await desk.port.runs({ run })
      if (row?.state === 'ended') return true
      const step = /^(.+)#\d+\/resolve$/.exec(row?.waiting ?? '')?.[1]
      if (step === undefined || findByRun(run).length > 0) return false
      const as = space.effects().includes(`${run} ${step}`) ? 'done' : 'again'
      await space.call(['resolve', run, step, '--as', as, '--reason', 'looked', '--team'])
      return false
    },
    () => `${run}\n${said()}`,
    120_000,
  )
}
