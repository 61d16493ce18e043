import type { HttpOutcome, HttpRequest, HttpResponse } from '../../kinds/kind.ts'
import { failure, success } from '../../model/problem.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { AttemptOf } from '../../engine/loop/work.ts'
import { die, diesHere, nextAttempt, takeEffect } from './world.ts'
import type { World } from './world.ts'

/** The answer to a request of a step; one that writes is sent at most once for an attempt. */
export function answerRequest(
  world: World,
  { step, attempt, intent }: AttemptOf,
  request: HttpRequest,
): HttpOutcome {
  const key = `${step.id}/${attempt}`
  const writes = step.effect === 'write'
  if (writes && (world.sent.has(key) || intent.boot !== world.machine.boot))
    return failure('the request may have been sent before the runner died', { code: 'unknown' })
  const answer = nextAttempt(world, step.id)
  const late = (answer.takes ?? 0) > request.timeoutMs
  const lost = answer.unanswered ?? (late ? `no answer within ${request.timeoutMs} ms` : undefined)
  const response = responseOf(step, answer)
  const takes = answer.effect ?? (answer.error === undefined && lost === undefined && response.status < 300)
  const dies = diesHere(world, 'in', step.id)
  if (dies) {
    if (writes) world.sent.add(key)
    if (dies.effect) takeEffect(world, step, {})
    die(world, dies)
  }
  world.now += late ? request.timeoutMs : response.ms
  if (answer.error !== undefined) return failure(answer.error)
  if (writes) world.sent.add(key)
  if (takes) takeEffect(world, step, {})
  return lost === undefined ? success(response) : failure(lost, writes ? { code: 'unknown' } : {})
}

function responseOf(
  step: PlannedStep,
  { status, headers = {}, json, text, takes = 0 }: ReturnType<typeof nextAttempt>,
): HttpResponse {
  const body = text ?? (json === undefined ? '' : JSON.stringify(json))
  return { status: status ?? expectedStatus(step), headers, text: body, ms: takes, cut: false }
}

/** The first code that the step expects. */
function expectedStatus({ attributes }: PlannedStep): number {
  return Number(/\d{3}/.exec(String(attributes['status'] ?? '200'))?.[0] ?? 200)
}
