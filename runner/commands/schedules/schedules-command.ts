import type { CommandReport } from '../../kit/command.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import type { Config } from '../../config.ts'
import { isProblemError, orThrow } from '../../model/problem.ts'
import { readOrder } from '../../team/order.ts'
import type { TeamRun } from '../../team/port.ts'
import { nextMoments } from '../../team/schedules.ts'
import type { Schedule } from '../../team/schedules.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { wordsOf } from '../shared/team/team-words.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { orderOfMoment, schedulesOf } from './order-due.ts'
import type { Request } from './index.ts'

/** Moments and runs of each that are shown. */
const [nextCount, lastCount] = [3, 3]

export async function run({ io, options }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const all = orThrow(schedulesOf(config, io), exit.usage)
  const runs = config.team?.database === undefined ? undefined : await runsOf(config)
  const rows = await Promise.all(
    all.map(async (schedule) => {
      const next = nextMoments(schedule, new Date(), nextCount)
      const last = runs?.(schedule.name).slice(0, lastCount)
      const [first] = next
      const order =
        options.orders && first
          ? await orderOfMoment(schedule, first, {
              config,
              io,
              service: { actor: { id: schedule.by, host: '', via: '' }, signer: noSigner },
            }).catch(refusal)
          : undefined
      return { ...schedule, next: next.map((one) => one.toISOString()), last, order }
    }),
  )
  const isBad = rows.some(({ order }) => order !== undefined && 'problem' in order)
  return {
    document: { schedules: rows },
    text: rows.length === 0 ? 'There are no schedules.' : printable(rows.map(linesOf).join('\n')),
    exitCode: isBad ? exit.failed : exit.done,
    hint: 'Correct the schedule, or the runbook.',
  }
}

const noSigner = { key: '', sign: () => '', describe: () => '' }

function refusal(error: unknown): { problem: string } {
  if (isProblemError(error)) return { problem: error.message }
  throw error
}

/** The runs of each schedule in the team, the newest first. */
async function runsOf(config: Config): Promise<(name: string) => TeamRun[]> {
  const port = await openTeamOf(config)
  try {
    const rows = (await port.runs({ limit: 10_000 })).map((row) => ({
      row,
      order: readOrder(row.statement),
    }))
    return (name) =>
      rows.flatMap(({ row, order }) => (order.ok && order.value.schedule?.name === name ? [row] : []))
  } finally {
    await port.close()
  }
}

interface ListedSchedule extends Omit<Schedule, 'next'> {
  next: string[]
  last: TeamRun[] | undefined
  order: object | undefined
}

function linesOf({ name, runbook, cron, zone, missed, by, next, last, order }: ListedSchedule): string {
  const lines = [
    `${name}  ${runbook}  ${cron} ${zone}, missed: ${missed}, signed by ${by}`,
    `  next  ${next.join('  ')}`,
    ...(last ?? []).map((row) => `  ${wordsOf(row)}`),
  ]
  if (order && 'problem' in order) lines.push(`  ✗ ${String(order.problem)}`)
  else if (order) lines.push(JSON.stringify(order, undefined, 2).replaceAll(/^/gm, '  '))
  return lines.join('\n')
}
