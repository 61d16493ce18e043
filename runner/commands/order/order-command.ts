import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import type { Order, TeamPort } from '../../team/port.ts'
import { Away } from '../../team/refusals.ts'
import { readWanted } from '../exec/requested-run.ts'
import type { Wanted } from '../exec/requested-run.ts'
import { identify } from '../shared/people/identify.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { wordsOf } from '../shared/team/team-words.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { leaveOrder, orderFor } from './order-for.ts'
import type { Request } from './index.ts'
import { neededSigner, timeOf } from './order-parts.ts'

const lookMs = 500

export async function run(call: Request): Promise<number> {
  const { io, options, dryRun } = call
  const config = await openWorkspace(io)
  if (options.targets !== undefined)
    return (await import('./order-fleet.ts')).orderFleet(call, options.targets, config)
  refuseWithoutTargets(options)
  const wanted = await readWanted(call, config)
  const made = await orderOf(wanted, call, config)
  if (dryRun) {
    io.out(JSON.stringify(made, undefined, 2))
    return exit.done
  }
  const signer = neededSigner(config, io)
  const port = await openTeamOf(config)
  try {
    const { run: id, isNew } = await leaveOrder(port, made, signer)
    const { slug } = made
    if (io.json) io.out(JSON.stringify({ run: id, slug, ordered: isNew }))
    else io.out(isNew ? `ordered ${id}` : `${id} was ordered before`)
    return options.wait ? await end(port, id, io) : exit.done
  } finally {
    await port.close()
  }
}

async function orderOf(wanted: Wanted, { io, options }: Request, config: Config): Promise<Order> {
  const { input: inputs, on, expires: expiresMs, practice, from = wanted.from } = options
  const { actor: by } = await identify(config, io, 'order')
  const notBefore = timeOf(options.at)
  const wish = { wanted: { ...wanted, from }, inputs, on, notBefore, expiresMs, practice, by }
  return orderFor(wish, config, io)
}

/** Options that say nothing about one run. */
function refuseWithoutTargets(options: Request['options']): void {
  for (const name of ['as', 'waves', 'budget', 'parallel', 'pause', 'approvers'] as const)
    if (options[name] !== undefined)
      throw new CliError(
        exit.usage,
        `\`--${name}\` is about an order over many targets`,
        'Add --targets, with a file or with names.',
      )
}

/** Waits for the end of a run, and tells each change of its state. */
async function end(port: TeamPort, id: string, io: Io): Promise<number> {
  for (let told = ''; ;) {
    const [row] = await port.runs({ run: id }).catch((error: unknown) => {
      if (error instanceof Away) return []
      throw error
    })
    const words = row ? wordsOf(row) : told
    if (words !== told && !io.json) io.note(words)
    told = words
    if (row?.state === 'expired') return exit.failed
    if (row?.state === 'ended') {
      if (io.json) io.out(JSON.stringify({ run: id, status: row.status, runner: row.runner }))
      return row.status === 'succeeded' ? exit.done : row.status === 'stopped' ? exit.decided : exit.failed
    }
    await sleep(lookMs)
  }
}
