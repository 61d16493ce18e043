import { linesIn } from '../../team/restore.ts'
import { continuations, readContinuation } from '../../team/continuation.ts'
import { originDoubt } from '../../team/fleet/believe.ts'
import { readOrder, readTakeover } from '../../team/order.ts'
import { signatureDoubt, teamNamespaces } from '../../team/statement.ts'
import { reconcile } from '../../team/reconcile.ts'
import type { TeamAnswer, TeamPort, TeamRun } from '../../team/port.ts'
import { judged, ok, unproven } from '../../journal/verify/check-result.ts'
import type { Check } from '../../journal/verify/check-result.ts'
import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { parseEvents } from '../../journal/record/read-journal.ts'
import type { Event } from '../../journal/record/event.ts'
import { asText, isRecord, parseObject } from '../../model/values/json.ts'
import { counted } from '../../model/counted.ts'

interface Compared {
  port: TeamPort
  row: TeamRun
  /** Folder of the copy from the database. */
  copy: string
  /** Folder of the run on this machine; it need not exist. */
  here: string
  check: CheckSignature | undefined
}

/** The checks of a run of a team: this machine against the database, and the signatures of its order and takeovers. */
export async function teamChecks({ port, row, copy, here, check }: Compared): Promise<Check[]> {
  const stored = linesIn(copy)
  const events = parseEvents(Buffer.from(stored.join('')), 'the database')
  const acts = await port.takeovers(row.run)
  const problems = [
    ...(await orderProblems(port, row, events, check)),
    ...acts.flatMap((act) => {
      const takeover = readTakeover(act.statement)
      if (!takeover.ok) return [takeover.problem.message]
      const { by, at, run, epoch } = takeover.value
      if (run !== row.run || epoch !== act.epoch - 1) return ['A takeover is of another run or epoch']
      const problem = check?.({
        principal: by.id,
        namespace: teamNamespaces.takeover,
        message: act.statement,
        signature: act.signature,
        at,
      })
      return problem === undefined ? [] : [`The takeover by ${by.id} is not signed by them: ${problem}`]
    }),
    ...continuationProblems(await port.answers(row.run), check),
    ...ownerProblems(events, acts.length),
  ]
  return [
    ...compared(linesIn(here), stored),
    ...judged('team', problems, 'The order and each takeover are signed'),
  ]
}

function compared(here: readonly string[], stored: readonly string[]): Check[] {
  if (here.length === 0)
    return [
      unproven(
        'team',
        `The database has ${counted(stored.length, 'event')}, and this machine has no copy to compare`,
      ),
    ]
  const standing = reconcile(here, stored)
  if (standing.type === 'forked')
    return judged(
      'team',
      [`The journal here and the one in the database differ from event ${standing.at} on`],
      '',
    )
  const apart = Math.abs(here.length - stored.length)
  return [
    ok(
      'team',
      apart === 0
        ? `The database and this machine have the same ${counted(stored.length, 'event')}`
        : `The database has ${counted(stored.length, 'event')}, and this machine ${here.length}, the same as far as both go`,
    ),
  ]
}

async function orderProblems(
  port: TeamPort,
  { statement, signature }: TeamRun,
  events: readonly Event[],
  check: CheckSignature | undefined,
): Promise<string[]> {
  if (statement === '') return []
  const order = readOrder(statement)
  if (!order.ok) return [order.problem.message]
  const { by, documentSha256, slug, fleet } = order.value
  const problem =
    check &&
    (fleet
      ? originDoubt(order.value, statement, (await port.fleets({ fleet: fleet.id }))[0], {
          check,
          people: undefined,
        })
      : signatureDoubt(teamNamespaces.order, order.value, { statement, signature }, check))
  const first = events[0]
  return [
    ...(problem === undefined ? [] : [`The order by ${by.id} does not count: ${problem}`]),
    ...(first &&
    (asText(first.data['documentSha256']) !== documentSha256 || asText(first.data['slug']) !== slug)
      ? ['The run is of another runbook than the order']
      : []),
    ...(first && first.actor.id !== by.id
      ? [`The order is by ${by.id}, and the run by ${first.actor.id}`]
      : []),
  ]
}

/** The requests to go on that its runner heeded. */
function continuationProblems(answers: readonly TeamAnswer[], check: CheckSignature | undefined): string[] {
  return answers.flatMap(({ topic, answer, takenAt, refused }) => {
    if (takenAt === null || refused !== null || !continuations.some((one) => one === topic)) return []
    const { statement, signature } = parseObject(answer) ?? {}
    const read = readContinuation(asText(statement))
    if (!read.ok) return [`A request to ${topic} was heeded: ${read.problem.message}`]
    const { by, at } = read.value
    const asked = { principal: by.id, namespace: teamNamespaces.order, message: asText(statement), at }
    const problem = check?.({ ...asked, signature: asText(signature) })
    return problem === undefined
      ? []
      : [`The request of ${by.id} to ${topic} is not signed by them: ${problem}`]
  })
}

/** A run changes its owner only with a takeover. */
function ownerProblems(events: readonly Event[], takeovers: number): string[] {
  const epochs = events.map(({ data }) => data['epoch']).filter((epoch) => typeof epoch === 'number')
  // An order that was declined has a later first epoch.
  const changes = Math.max(0, ...epochs) - Math.min(...epochs, Infinity)
  const recorded = events.filter(({ data }) => isRecord(data['takenOver'])).length
  return changes > takeovers || recorded > takeovers
    ? [`The journal has ${Math.max(changes, recorded)} takeovers, and the database ${takeovers}`]
    : []
}
