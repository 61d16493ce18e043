import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Cron } from 'croner'
import { LineCounter } from 'yaml'
import * as z from 'zod'
import { canonical } from '../journal/record/canonical.ts'
import { sha256 } from '../journal/record/write-journal.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { readYaml } from '../model/text/yaml.ts'
import { parseDuration } from '../model/values/duration.ts'
import type { Order } from './port.ts'
import { textOf } from '../regular-file.ts'

/** How late a moment is ordered that is not missed, in milliseconds. */
const lateMs = 60_000
/** How far the clocks of two machines may differ, in milliseconds. */
const slackMs = 120_000

const duration = (usual: string) =>
  z
    .string()
    .default(usual)
    .refine((text) => parseDuration(text) !== undefined, 'expected a duration such as `1h`')

const schema = z.strictObject({
  schedules: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name has lowercase letters, digits and hyphens'),
    z
      .strictObject({
        runbook: z.string().min(1),
        cron: z.string(),
        zone: z.string().default('UTC'),
        by: z.string().min(1),
        inputs: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
          .default({}),
        missed: z.enum(['skip', 'once', 'all']).default('skip'),
        within: duration('24h'),
        most: z.int().min(1).max(100).default(10),
        expires: duration('1h'),
        on: z.string().default(''),
        practice: z.boolean().default(false),
      })
      .superRefine(({ cron, zone }, context) => {
        try {
          makeCron(cron, zone).nextRun()
        } catch (error) {
          context.addIssue({ code: 'custom', message: (error as Error).message })
        }
      }),
  ),
})

/** A schedule of the repository. */
export interface Schedule {
  name: string
  /** SHA-256 of its canonical text, which its orders name. */
  sha256: string
  runbook: string
  /** Five fields. */
  cron: string
  /** IANA name of its time zone. */
  zone: string
  /** The service that signs its orders. */
  by: string
  inputs: Record<string, string>
  /** Moments that no process saw: none of them, the last, or all, with the bounds `within` and `most`. */
  missed: 'skip' | 'once' | 'all'
  withinMs: number
  most: number
  /** How long a runner may take an order, in milliseconds. */
  expiresMs: number
  /** The runner; empty for any. */
  on: string
  practice: boolean
}

/** The file of schedules, beside the list of people. */
export function schedulesFile({ people }: { people: string }): string {
  return join(dirname(people), 'schedules.yaml')
}

/** Reads the schedules; none where there is no file. `shown` is the path in messages. */
export function readSchedules(file: string, shown = file): Outcome<Schedule[]> {
  if (!existsSync(file)) return success([])
  const counter = new LineCounter()
  const document = readYaml(textOf(file), { lineCounter: counter })
  const at = (offset: number): string => {
    const { line, col } = counter.linePos(offset)
    return `${shown}:${line}:${col}`
  }
  const [broken] = document.errors
  if (broken) return failure(`${at(broken.pos[0])}: Invalid YAML: ${broken.message.split('\n')[0]}`)
  const read = schema.safeParse(document.toJS())
  if (!read.success) {
    const { path = [], message } = read.error.issues[0] ?? {}
    const place = path
      .map((_, index) => document.getIn(path.slice(0, path.length - index), true))
      .find((node) => typeof node === 'object' && node !== null && 'range' in node) as
      | { range: [number] }
      | undefined
    return failure(`${at(place?.range[0] ?? 0)}: Invalid \`${path.join('.')}\`: ${message}`, {
      hint: 'The guide has a page about schedules: team mode, schedules.',
    })
  }
  return success(
    Object.entries(read.data.schedules).map(([name, entry]) => {
      const { within, expires, ...rest } = entry
      const digest = sha256(canonical({ name, ...entry }))
      const [withinMs, expiresMs] = [parseDuration(within) ?? 0, parseDuration(expires) ?? 0]
      return { name, sha256: digest, ...rest, withinMs, expiresMs }
    }),
  )
}

function makeCron(cron: string, zone: string): Cron {
  return new Cron(cron, { timezone: zone, mode: '5-part', paused: true })
}

/** The next moments of a schedule after a time. */
export function nextMoments({ cron, zone }: Schedule, after: Date, count: number): Date[] {
  return makeCron(cron, zone).nextRuns(count, after)
}

/**
 * The moments that are to be ordered at a time, the first first. The clock of the database counts, so one that jumps on a
 * machine changes nothing.
 */
export function dueMoments(schedule: Schedule, { since, now }: { since: Date; now: Date }): Date[] {
  const { missed, withinMs, most } = schedule
  const backMs = missed === 'skip' ? lateMs : Math.max(withinMs, lateMs)
  const start = Math.max(since.getTime(), now.getTime() - backMs)
  return lastMoments(schedule, now, missed === 'all' ? most : 1).filter((one) => one.getTime() > start)
}

/** The last moments at or before a time, the first first. */
function lastMoments({ cron, zone }: Schedule, at: Date, count: number): Date[] {
  // Moments have whole seconds, and the reference itself is not one of them.
  const reference = new Date((Math.floor(at.getTime() / 1000) + 1) * 1000)
  return makeCron(cron, zone).previousRuns(count, reference).toReversed()
}

/** Why the order of a schedule does not count here; undefined when it does. This checkout says what the schedule is. */
export function scheduleDoubt(order: Order, schedules: Outcome<Schedule[]>, now: number): string | undefined {
  if (order.schedule === undefined) return undefined
  const { name, moment, sha256: digest } = order.schedule
  if (!schedules.ok) return schedules.problem.message
  const schedule = schedules.value.find((one) => one.name === name)
  if (schedule?.sha256 !== digest) return `the checkout has another version of the schedule ${name}`
  const { by, runbook, practice, withinMs, expiresMs } = schedule
  if (order.by.id !== by) return `the schedule ${name} is signed by ${by}`
  if (order.slug !== runbook || order.practice !== practice || order.from !== '')
    return `the schedule ${name} orders something else`
  const at = new Date(moment)
  if (lastMoments(schedule, at, 1)[0]?.getTime() !== at.getTime())
    return `${moment} is not a moment of the schedule ${name}`
  if (at.getTime() > now + slackMs) return `its moment ${moment} has not come`
  if (at.getTime() < now - Math.max(withinMs, lateMs) - expiresMs - slackMs)
    return `its moment ${moment} has passed`
  return undefined
}
