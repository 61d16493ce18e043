import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import { orThrow } from '../../../model/problem.ts'
import { serviceOf } from '../../shared/team/service.ts'
import { openTeamOf } from '../../shared/team/open-team.ts'
import { openWorkspace } from '../../shared/workspace.ts'
import { keepTime, schedulesOf } from '../order-due.ts'
import type { Request } from './index.ts'

export async function run({ io }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const service = await serviceOf(config, io)
  orThrow(schedulesOf(config, io), exit.usage)
  const port = await openTeamOf(config)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const say = (words: string): void =>
    io.json ? io.out(JSON.stringify({ at: new Date().toISOString(), words })) : io.out(printable(words))
  say(`${service.actor.id} keeps the schedules`)
  try {
    await keepTime({ config, io, port, service, say }, stop.signal)
  } finally {
    await port.close()
  }
  return exit.terminated
}
