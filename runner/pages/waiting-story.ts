import { stepStatusWords, runStatusWords } from '../journal/story/tone.ts'
import type { Story } from '../journal/story/story.ts'
import { waitWords } from '../journal/story/waiting.ts'
import { parseKey } from '../journal/record/event.ts'
import type { ReadableRun } from './readable-run.ts'

/**
 * The journal has only the answers: a run that asks something waits, and so does the step that it asks about.
 * @param topic the question that its process asks now
 */
export function waitingStory({ story, plan }: ReadableRun, topic: string | undefined): Story {
  const { waiting, status } = story.head
  if (status !== 'waiting' && (status !== 'running' || (topic ?? waiting) === undefined)) return story
  const asking = topic === undefined ? waiting?.step : parseKey(topic).step
  const [words, tone] = runStatusWords.waiting
  const [asks] = stepStatusWords.waiting
  return {
    ...story,
    head: {
      ...story.head,
      status: 'waiting',
      words,
      tone,
      ...(topic === undefined ? {} : { message: waitWords(topic, plan) }),
    },
    steps: story.steps.map((step) =>
      step.id === asking ? { ...step, status: 'waiting', words: asks } : step,
    ),
  }
}
