import { answers as answering } from '../engine/people/asked.ts'
import { handIn } from '../engine/people/inbox.ts'
import type { Event } from '../journal/record/event.ts'
import { asText, parseObject } from '../model/values/json.ts'
import type { JsonObject } from '../model/values/json.ts'
import { continuations } from './continuation.ts'
import type { TeamPort } from './port.ts'

interface Delivery {
  port: Pick<TeamPort, 'answers' | 'takeAnswer'>
  run: string
  epoch: number
  folder: string
}

/** Carries answers from the database to the inbox of a run, and back what became of each. */
export interface Deliveries {
  /** Hands in each answer that is new. */
  bring(): Promise<void>
  /** Looks what an event says about them; whether it says something. */
  hear(event: Event): boolean
  /** Says what became of them. */
  report(): Promise<void>
}

interface Brought {
  topic: string
  /** Who gave it, as it says. */
  by: string
}

export function deliveries({ port, run, epoch, folder }: Delivery): Deliveries {
  const brought = new Map<string, Brought>()
  const settled: { id: string; refused: string | undefined }[] = []

  const settle = (id: string, refused?: string): void => {
    brought.delete(id)
    settled.push({ id, refused })
  }

  return {
    async bring() {
      for (const { id, topic, answer } of await port.answers(run, true)) {
        // A request to go on is for the runner, not for the question that the run asks.
        if (brought.has(id) || continuations.some((one) => one === topic)) continue
        const value = parseObject(answer)
        if (value === undefined) settle(id, 'it is not an object of JSON')
        else {
          handIn(folder, topic, id, value)
          brought.set(id, { topic, by: asText((value['by'] as JsonObject | undefined)?.['id']) })
        }
        // No event records a request to stop before it was heeded.
        if (topic === 'stop' || topic === 'stop-now') settle(id)
      }
    },
    hear({ type, key, data, actor }) {
      for (const [id, { topic, by }] of brought) {
        if (topic !== key) continue
        if (type === 'answer-refused' && data['by'] === by) settle(id, asText(data['why']))
        else if (answering.has(type))
          settle(
            id,
            actor.id === by ? undefined : `the question was answered by ${actor.id} before this was read`,
          )
      }
      return settled.length > 0
    },
    async report() {
      for (const one of settled.splice(0))
        await port.takeAnswer(run, epoch, one.id, one.refused).catch((error: unknown) => {
          // Told with the next one.
          settled.push(one)
          throw error
        })
    },
  }
}
