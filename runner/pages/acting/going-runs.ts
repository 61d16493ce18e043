import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { shortTime } from '../page-time.ts'

/** A run that is not over. */
export interface GoingRun {
  /** Address of its page. */
  page: string
  /** RFC 3339. */
  startedAt: string
  /** Who started or resumed it last. */
  watch: string
  /** Whether a process drives it now. */
  isDriven: boolean
  /** The step that it is at; undefined before the first and between two. */
  step: string | undefined
  /** Whether it waits for an answer. */
  isAsking: boolean
}

/** An order that no runner has taken. */
export interface WaitingOrder {
  /** Address of its page. */
  page: string
  by: string
  /** RFC 3339. */
  orderedAt: string
}

/** The orders of a runbook that wait for a runner, above the form that would make another. */
export function waitingOrders(orders: readonly WaitingOrder[]): Markup {
  return html`${orders.map(
    ({ page, by, orderedAt }) =>
      html`<p class="going" role="note">
        <b>An order waits for a runner</b>:
        <a href="${page}">ordered <time datetime="${orderedAt}">${shortTime(orderedAt)}</time></a
        >, by ${by}.
      </p>`,
  )}`
}

/** The runs of a runbook that are not over, above the form that would start another. */
export function goingRuns(runs: readonly GoingRun[]): Markup {
  return html`${runs.map(
    ({ page, startedAt, watch, isDriven, step, isAsking }) =>
      html`<p class="going" role="note">
        <b>${isDriven ? 'A run is going on now' : 'A run is not over'}</b>:
        <a href="${page}">started <time datetime="${startedAt}">${shortTime(startedAt)}</time></a
        >, ${watch} has the
        watch${step !== undefined && html`, at step <code>${step}</code>`}${isAsking && html`, <b>it waits for an answer</b>`}.
      </p>`,
  )}`
}
