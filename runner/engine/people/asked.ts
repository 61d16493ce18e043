import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Event, EventType } from '../../journal/record/event.ts'
import { readTextWithin } from '../../journal/record/folder.ts'
import { asText, isRecord } from '../../model/values/json.ts'
import type { Json } from '../../model/values/json.ts'
import type { Plan } from '../../model/plan.ts'
import type { AnyQuestion } from '../loop/durable.ts'
import { writeWhole } from '../../write-whole.ts'

/** The file in a run's folder that holds the question it waits for. It is not evidence: the journal is. */
export const askedFile = 'asked.json'

/** The question that a run waits for, so that others than its terminal can show and answer it. */
export interface Asked {
  topic: string
  question: AnyQuestion
  /** Exactly what whoever answers is shown. */
  shown: string
  /** How many events the journal had. */
  size: number
}

/** Writes the question down, whole or not at all. Secrets must have been taken out of it. */
export function noteAsked(folder: string, asked: Asked): void {
  writeWhole(join(folder, askedFile), JSON.stringify(asked), { flush: false })
}

export function forgetAsked(folder: string): void {
  rmSync(join(folder, askedFile), { force: true })
}

/** The question that a run waits for, now or once it is resumed; undefined when the journal has its answer. */
export function readAsked(folder: string, events: readonly Event[]): Asked | undefined {
  const asked = parse(readTextWithin(folder, askedFile))
  return asked && !isAnswered(events, asked.topic) ? asked : undefined
}

/** Events in which a question is answered, or the run ends without an answer. */
export const answers = new Set<EventType>([
  'step-confirmed',
  'word-confirmed',
  'outcome-resolved',
  'task-ticked',
  'approval-given',
  'approval-rejected',
  'approval-expired',
  'gate-answered',
  'field-answered',
  'run-ended',
])

/** Whether the journal has the answer to a topic, or the run is over. */
function isAnswered(events: readonly Event[], topic: string): boolean {
  const last = events.at(-1)
  return last?.type === 'run-ended' || events.some(({ type, key }) => key === topic && answers.has(type))
}

function parse(text: string | undefined): Asked | undefined {
  try {
    const value = JSON.parse(text ?? '') as Json
    if (!isRecord(value) || !isRecord(value['question'])) return undefined
    const { topic, question, shown, size } = value
    return {
      topic: asText(topic),
      question: question as unknown as AnyQuestion,
      shown: asText(shown),
      size: Number(size),
    }
  } catch {
    return undefined
  }
}

/** The text that is shown to whoever answers: the step, what is asked, and the command that it lets run. */
export function askedText({ steps, title }: Plan, step: string, lines: readonly string[]): string {
  const asked = steps.find(({ id }) => id === step)
  const code = asked?.effect === 'write' ? (asked.fences.find(({ role }) => role === 'main')?.code ?? '') : ''
  return [
    `${title}, step \`${step}\`: ${asked?.title ?? ''}`,
    ...lines,
    ...(code === '' ? [] : ['', ...code.split('\n').map((line) => `  ${line}`)]),
  ]
    .join('\n')
    .slice(0, 12_000)
}
