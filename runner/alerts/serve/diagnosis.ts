import type { Plan, PlannedStep } from '../../model/plan.ts'

/** Kinds that only read and yet may hold a run up for as long as they like. */
const waiting = new Set(['gate', 'wait', 'include'])

/**
 * The steps that may run for an alert before anybody has looked: from where its link leads, as far as each step says
 * that it only reads. Empty when something that guards them stands before.
 */
export function diagnosisSteps(plan: Plan, from: string, isGuard: (step: PlannedStep) => boolean): string[] {
  const start = from === '' ? 0 : plan.steps.findIndex(({ id }) => id === from)
  if (start === -1 || plan.steps.slice(0, start).some(isGuard)) return []
  const steps: string[] = []
  for (const step of plan.steps.slice(start)) {
    if (
      step.effect !== 'read' ||
      isGuard(step) ||
      waiting.has(step.kind) ||
      step.attributes['confirm'] !== undefined
    )
      break
    steps.push(step.id)
  }
  return steps
}

export interface Queue {
  /** False when too many wait already. */
  add(job: () => Promise<void>): boolean
  /** Resolves when everything that was added has ended. */
  idle(): Promise<void>
}

/** Runs jobs a few at a time. A job never throws. */
export function makeQueue(atOnce: number, mostWaiting: number): Queue {
  const jobs: (() => Promise<void>)[] = []
  const running = new Set<Promise<void>>()
  const next = (): void => {
    const job = running.size < atOnce ? jobs.shift() : undefined
    if (!job) return
    const ended = job().finally(() => {
      running.delete(ended)
      next()
    })
    running.add(ended)
  }
  return {
    add(job) {
      if (atOnce === 0 || jobs.length >= mostWaiting) return false
      jobs.push(job)
      next()
      return true
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
