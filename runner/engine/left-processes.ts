import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../journal/record/event.ts'
import { findByRun, isAlive } from './process/processes.ts'
import type { Survivor } from './process/processes.ts'
import { excerpt } from './process/redact/redact.ts'
import type { Run } from './run.ts'

/**
 * Records what a step left running although its group was ended: it went into a session of its own. A process of an attempt
 * that is still under way is not left.
 */
export async function nameLeft(run: Run): Promise<void> {
  const { journal, actor, hidden } = run
  const recorded = new Set(journal.events.filter(({ type }) => type === 'process-left').map(({ key }) => key))
  const busy = attemptsUnderWay(journal.events)
  for (const { pid, start, command, attempt } of await lasting(run.id)) {
    const key = `${attempt.split('/')[0] ?? ''}/${pid}-${start}`
    if (recorded.has(key) || busy.has(attempt)) continue
    const message = `left process ${pid} running: ${excerpt(command, 500, hidden)}`
    const data = { pid, command: excerpt(command, 2000, hidden), attempt, message }
    journal.append('process-left', key, data, actor)
  }
}

/** A process that was just killed may need a moment to end. */
async function lasting(run: string): Promise<Survivor[]> {
  let survivors = findByRun(run)
  for (let look = 0; survivors.length > 0 && look < 10; look++) {
    await sleep(20)
    survivors = survivors.filter(isAlive)
  }
  return survivors
}

function attemptsUnderWay(events: readonly Event[]): Set<string> {
  const attempts = new Set<string>()
  for (const { type, key } of events) {
    const name = key.replace('#', type.startsWith('undo') ? '/undo-' : '/')
    if (type === 'step-started' || type === 'undo-started') attempts.add(name)
    if (type === 'step-ended' || type === 'undo-ended') attempts.delete(name)
  }
  return attempts
}
