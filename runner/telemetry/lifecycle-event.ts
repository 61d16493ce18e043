import { momentOf } from '../journal/story/story-moment.ts'
import type { Event, EventType } from '../journal/record/event.ts'
import type { Plan } from '../model/plan.ts'
import { asText } from '../model/values/json.ts'
import { traceParent } from './span-ids.ts'

/** The events of a journal that tell how a run goes on, and the type of the CloudEvent for each. */
const types: Partial<Record<EventType, string>> = {
  'run-started': 'runbook.run.started',
  'run-resumed': 'runbook.run.resumed',
  'run-paused': 'runbook.run.paused',
  'run-ended': 'runbook.run.ended',
  'approval-requested': 'runbook.approval.requested',
  'approval-given': 'runbook.approval.given',
  'approval-rejected': 'runbook.approval.rejected',
  'approval-expired': 'runbook.approval.expired',
  'step-failed': 'runbook.step.failed',
  'rollback-started': 'runbook.rollback.started',
}

/**
 * The CloudEvent (1.0, structured JSON) for an event of a journal; undefined for one that is not of the lifecycle of the
 * run. `site` is the address of the published site. It has no value of an input, an answer or an output.
 */
export function lifecycleEvent(event: Event, plan: Plan, site: string | undefined): object | undefined {
  const type = types[event.type]
  const moment = type === undefined ? undefined : momentOf(event, plan)
  if (moment === undefined) return undefined
  const { run, seq, ts, data } = event
  return {
    specversion: '1.0',
    id: `${run}/${seq}`,
    source: `${site ?? ''}/runbooks/${plan.slug}/`,
    type,
    subject: run,
    time: ts,
    datacontenttype: 'application/json',
    traceparent: traceParent(run),
    data: {
      run,
      runbook: plan.slug,
      title: plan.title,
      ...(moment.step === undefined ? {} : { step: moment.step, stepTitle: moment.title }),
      ...(event.type === 'run-ended' ? { status: asText(data['status']) } : {}),
      words: moment.what,
      detail: moment.detail,
      by: moment.by.id,
      ...(site === undefined ? {} : { page: `${site}/runs/${run}/` }),
    },
  }
}
