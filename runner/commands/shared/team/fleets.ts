import { checkerOf } from '../../../engine/sign/trust.ts'
import type { Config } from '../../../config.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { counted } from '../../../model/counted.ts'
import { readStored } from '../../../team/fleet/believe.ts'
import type { Judge, ReadFleet } from '../../../team/fleet/believe.ts'
import type { Counts, TargetStanding } from '../../../team/fleet/standing.ts'
import type { TeamDesk } from '../../../team/port.ts'
import { trustFor } from '../people/keys.ts'
import { readPeopleList } from '../people/people-list.ts'

/** Whose word counts in this workspace. */
export async function judgeOf(config: Config, io: Pick<Io, 'cwd' | 'env'>): Promise<Judge> {
  const { list } = await readPeopleList(config, io)
  return { check: checkerOf(trustFor(config), io.env), people: list.people }
}

/** An order over many targets by its id, or the end of one. Throws CliError where there is none. */
export async function findFleet(port: TeamDesk, name: string, judge: Judge): Promise<ReadFleet> {
  const matches = name === '' ? [] : await port.fleets({ named: name, limit: 2 })
  const [only] = matches
  const read = only && matches.length === 1 ? readStored(only, judge) : undefined
  if (read) return read
  throw new CliError(
    exit.usage,
    matches.length > 1
      ? `\`${name}\` fits more than one order over targets`
      : `The team has no order over targets \`${name}\``,
    'See `runbook orders --all`.',
  )
}

/** One line about it. */
export function fleetLine({ fleet, standing: now, doubt }: ReadFleet): string {
  const why = now.why === '' ? '' : `, ${now.why}`
  const doubted = doubt === undefined ? '' : `; not believed: ${doubt}`
  return `${fleet.fleet} ${now.state}${why}; ${countWords(now)}${doubted}`
}

/** All about it: each wave and each target with its run. */
export function fleetLines(read: ReadFleet): string[] {
  const { fleet, standing: now, refused } = read
  return [
    fleetLine(read),
    `  ${fleet.slug} for ${fleet.by.id}, ordered at ${fleet.at}, ${now.spent} of ${fleet.budget} failures spent`,
    ...now.waves.map(({ wave, approvedBy, ...counts }) => {
      const approved = approvedBy === '' ? '' : `, approved by ${approvedBy}`
      return `  wave ${wave}: ${counted(counts.targets, 'target')}, ${countWords(counts)}${approved}`
    }),
    ...now.list.map((one) => `    ${targetLine(one)}`),
    ...refused.map((words) => `  does not count: ${words}`),
    ...nextSteps(read).map((line) => `  ${line}`),
  ]
}

/** The commands that decide about it as it stands. */
export function nextSteps({ fleet, standing: now }: ReadFleet): string[] {
  const id = fleet.fleet
  if (now.needsApproval > 0) return [`Approve wave ${now.needsApproval} with: runbook fleet approve ${id}`]
  if (now.state !== 'stopped') return []
  return [
    `Go on with the rest: runbook fleet resume ${id} --reason "…"`,
    `Roll back each target that was changed: runbook fleet undo ${id} --reason "…"`,
  ]
}

/** As a document of JSON; `list` has each target. */
export function fleetDocument(read: ReadFleet): object {
  return { ...fleetSummary(read), list: read.standing.list }
}

/** The same without its targets. */
export function fleetSummary({ fleet, standing: now, acts, refused, doubt }: ReadFleet): object {
  const { fleet: id, slug, by, at, expires, budget, parallel, pause, approvers } = fleet
  const { list: _, ...rest } = now
  return {
    fleet: id,
    slug,
    by: by.id,
    at,
    expires,
    budget,
    parallel,
    pause,
    approvers,
    ...rest,
    acts: acts.map(({ act, wave, failed, runs, reason, by: who, at: when }) => ({
      act,
      wave,
      failed,
      runs,
      reason,
      by: who.id,
      at: when,
    })),
    refused,
    ...(doubt === undefined ? {} : { doubt }),
  }
}

/** `8 done, 2 failed, 20 not started`. */
export function countWords({ done, failed, running, notStarted }: Counts): string {
  const parts = [
    [done, 'done'],
    [failed, 'failed'],
    [running, 'running'],
    [notStarted, 'not started'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ')
}

/** A target in words; its run only once it has begun. */
function targetLine({ name, run, wave, state, waiting, runner, declined }: TargetStanding): string {
  const at = runner === '' ? '' : ` on ${runner}`
  const waits = waiting === '' || state !== 'running' ? '' : `, waits at ${waiting}`
  const why = Object.entries(declined).map(([who, reason]) => `; not on ${who}: ${reason}`)
  return `${name}  wave ${wave}  ${state.replaceAll('-', ' ')}  ${run}${at}${waits}${why.join('')}`
}
