import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import { isProblemError } from '../../model/problem.ts'
import type { Order, TeamDesk } from '../../team/port.ts'
import { Away } from '../../team/refusals.ts'
import { dueMoments, readSchedules, schedulesFile } from '../../team/schedules.ts'
import type { Schedule } from '../../team/schedules.ts'
import { leaveOrder, orderFor } from '../order/order-for.ts'
import type { Service } from '../shared/team/service.ts'
import { shown } from '../shared/workspace.ts'

/** Time between two looks at the schedules, in milliseconds. */
const lookMs = 5000

export interface ScheduleDesk {
  config: Config
  io: Io
  port: Pick<TeamDesk, 'enqueue' | 'runs' | 'seeSchedule'>
  service: Service
  say(words: string): void
}

/** The order of one moment of a schedule. Throws where it cannot be planned. */
export async function orderOfMoment(
  schedule: Schedule,
  moment: Date,
  { config, io, service }: Pick<ScheduleDesk, 'config' | 'io' | 'service'>,
): Promise<Order> {
  const { name, sha256, runbook, inputs, on, expiresMs, practice } = schedule
  const wish = {
    wanted: { name: runbook, prefilled: inputs },
    by: { ...service.actor, via: 'schedule' },
    on,
    expiresMs,
    practice,
    schedule: { name, moment: moment.toISOString(), sha256 },
  }
  return orderFor(wish, config, { ...io, interactive: false })
}

/** The schedules that a service signs. Throws ProblemError where the file cannot be read. */
export function schedulesOf(config: Config, io: Pick<Io, 'cwd'>) {
  const file = schedulesFile(config)
  return readSchedules(file, shown(file, io.cwd))
}

/**
 * Orders the moments that are due, once in the whole team: the id of a run is that of its schedule and moment. Each
 * reason why a moment is not ordered is told once.
 */
function makeClock(desk: ScheduleDesk): () => Promise<void> {
  const { config, io, port, service, say } = desk
  const done = new Set<string>()
  const told = new Set<string>()
  const tell = (words: string): void => {
    if (!told.has(words)) say(words)
    told.add(words)
  }
  return async () => {
    const schedules = schedulesOf(config, io)
    if (!schedules.ok) return tell(schedules.problem.message)
    for (const schedule of schedules.value.filter(({ by }) => by === service.actor.id)) {
      const { name, sha256 } = schedule
      const seen = await port.seeSchedule(name, sha256)
      for (const moment of dueMoments(schedule, seen)) {
        const at = moment.toISOString()
        const mark = `${name} ${at}`
        if (done.has(mark)) continue
        try {
          const order = await orderOfMoment(schedule, moment, desk)
          const { run, isNew } = await leaveOrder(port, order, service.signer)
          if (isNew) say(`${name}: ordered ${run}`)
          done.add(mark)
        } catch (error) {
          if (error instanceof Away || !isProblemError(error)) throw error
          tell(`${name}: the moment ${at} is not ordered: ${error.message}`)
        }
      }
    }
  }
}

/** Looks at the schedules until it is stopped. A database that is away is asked again. */
export async function keepTime(desk: ScheduleDesk, stop: AbortSignal): Promise<void> {
  const look = makeClock(desk)
  let isAway = false
  while (!stop.aborted) {
    try {
      await look()
      isAway = false
    } catch (error) {
      if (!isAway) desk.say(error instanceof Error ? error.message : String(error))
      isAway = true
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookMs)
      stop.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })
  }
}
