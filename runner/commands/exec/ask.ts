import type { AllAnswers, AnyQuestion } from '../../engine/loop/durable.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { readGiven, readInput } from '../../model/values/read-input.ts'
import type { Actor } from '../../model/plan.ts'
import type { OperatorOptions } from './operator.ts'
import { InputEnded, PromptCancelled, askChoice, askText } from '../../kit/prompt.ts'
import { stepLines } from '../shared/views.ts'
import { problemOf } from '../../model/problem.ts'

interface Asking extends OperatorOptions {
  signal: AbortSignal
  run: string
  step: string
}

type Asker<T extends AnyQuestion['type']> = (
  question: Extract<AnyQuestion, { type: T }>,
  asking: Asking,
) => Promise<JsonObject | undefined>

/** Asks the person at the terminal. A prompt left without an answer stops the run, and is never a yes. */
export async function askPerson<Q extends AnyQuestion>(
  question: Q,
  asking: Asking,
): Promise<AllAnswers[Q['type']] | undefined> {
  const by: Actor = { ...asking.actor, via: 'terminal' }
  try {
    const answer = await (askers[question.type] as Asker<Q['type']>)(question as never, asking)
    return answer && ({ ...answer, by } as unknown as AllAnswers[Q['type']])
  } catch (error) {
    if (!(error instanceof PromptCancelled)) throw error
    // The operator has left: the run waits, as it does without an operator.
    if (error instanceof InputEnded) return undefined
    if (!asking.signal.aborted) asking.stop()
    return undefined
  }
}

const askers: { [T in AnyQuestion['type']]: Asker<T> } = {
  async go(question, asking) {
    for (;;) {
      const answer = await askChoice(
        `Run ${question.step}?`,
        [
          { value: 'run', label: 'Run it' },
          { value: 'show', label: 'Show what it does' },
          { value: 'skip', label: 'Skip it', hint: 'with a reason' },
          { value: 'stop', label: 'Stop here', hint: 'the run can be resumed' },
        ],
        asking.signal,
      )
      if (answer === 'run') return { answer, reason: '' }
      if (answer === 'skip') return { answer, reason: await askReason('Why is it skipped?', asking) }
      if (answer === 'stop') throw new PromptCancelled('The operator stopped the run')
      const step = asking.plan.steps.find(({ id }) => id === question.step)
      if (step) asking.io.note(stepLines(step, asking.kinds, asking.io).join('\n'))
    }
  },
  async confirm(question, asking) {
    const check = (value: string): string | undefined =>
      value === question.word ? undefined : `Type ${question.word}, or press Ctrl-C to stop`
    await askText(`${question.title}: type ${question.word} to go on`, { check, signal: asking.signal })
    return { answer: 'confirmed' }
  },
  async task(question, asking) {
    const answer = await askChoice(
      `${question.index}/${question.of} ${question.text}`,
      [
        { value: 'done', label: 'Done' },
        { value: 'note', label: 'Done, with a note or a link to what shows it' },
        { value: 'not-applicable', label: 'Not applicable', hint: 'with a reason' },
      ],
      asking.signal,
    )
    if (answer === 'done') return { answer, note: '', evidence: '' }
    if (answer === 'not-applicable')
      return { answer, note: await askReason('Why does it not apply?', asking), evidence: '' }
    const { signal } = asking
    const note = await askText('Note', { signal })
    const evidence = await askText('Link or path of what shows it (empty: none)', { signal })
    return { answer: 'done', note, evidence }
  },
  async field({ name, spec, index, of }, { signal }) {
    const message = `${index}/${of} ${name}${spec.description ? `: ${spec.description}` : ''}`
    const fallback = spec.default === undefined ? '' : ` (empty: ${String(spec.default)})`
    const valueOf = (text: string) => readGiven(spec, text === '' ? undefined : text) ?? readInput(spec, text)
    const check = (text: string): string | undefined => problemOf(valueOf(text))
    const options =
      spec.type === 'choice' ? spec.options : spec.type === 'boolean' ? ['false', 'true'] : undefined
    const read = valueOf(await askText(message + (options ? '' : fallback), { check, options, signal }))
    return read.ok ? { value: read.value } : undefined
  },
  async approval(question, asking) {
    const { io, plan, run, step } = asking
    io.note(`  Needs ${question.min - question.given.length} more of: ${question.approvers.join(', ')}`)
    if (!plan.selfApproval) {
      io.note(
        [
          '  Waiting. Somebody else decides with one of:',
          `    ${io.program} approve ${run} ${step}`,
          `    ${io.program} reject ${run} ${step} --reason "…"`,
          '  Ctrl-C leaves the run to be resumed.',
        ].join('\n'),
      )
      return new Promise(() => {})
    }
    const choices = [
      { value: 'rejected', label: 'Reject', hint: 'with a reason; the run stops' },
      { value: 'approved', label: 'Approve' },
    ] as const
    const decision = await askChoice(question.title, choices, asking.signal)
    return { decision, reason: decision === 'rejected' ? await askReason('Why?', asking) : '' }
  },
  async gate(question, asking) {
    asking.io.note(`  ${question.title} ${question.reason}.`)
    const choices = [
      { value: 'stop', label: 'Stop here', hint: 'the run can be resumed, and watches again' },
      { value: 'extend', label: 'Watch on', hint: 'for the same time again; violations stay counted' },
      { value: 'rollback', label: 'Roll back', hint: 'undo what was done' },
      { value: 'accept', label: 'Accept', hint: 'with a reason' },
    ] as const
    const answer = await askChoice('What follows from that?', choices, asking.signal)
    return { answer, reason: answer === 'accept' ? await askReason('Why is it accepted?', asking) : '' }
  },
  async resolve(question, asking) {
    const { io } = asking
    if (question.failed) return offerUndo(question, asking)
    io.note(
      `  The outcome of attempt ${question.attempt} of \`${question.step}\` is unknown: ${question.why}. Its effect: ${question.check}.`,
    )
    const choices = [
      { value: 'stop', label: 'Stop here', hint: 'the run ends' },
      { value: 'done', label: 'It is done', hint: 'go on with the next step' },
      { value: 'again', label: 'Run it again' },
      ...(question.canUndo ? [{ value: 'undo', label: 'Undo', hint: 'and all before it' } as const] : []),
    ] as const
    const answer = await askChoice(`${question.title}: what is true?`, choices, asking.signal)
    return { answer, reason: await askReason(answer === 'stop' ? 'Why?' : 'How do you know?', asking) }
  },
}

/** A step failed on the way back of a run, and may have taken effect before that. */
async function offerUndo(
  { step, title, why, check }: Extract<AnyQuestion, { type: 'resolve' }>,
  asking: Asking,
): Promise<JsonObject> {
  asking.io.note(`  Step \`${step}\` ${why}, and may have taken effect before that: ${check}.`)
  const choices = [
    { value: 'stop', label: 'Stop here', hint: 'the rollback can be resumed' },
    { value: 'undo', label: 'Undo it too' },
    { value: 'done', label: 'Leave it', hint: 'it did not take effect, or was undone by hand' },
  ] as const
  const answer = await askChoice(`${title}: is it to be undone?`, choices, asking.signal)
  return { answer, reason: await askReason(answer === 'stop' ? 'Why?' : 'How do you know?', asking) }
}

function askReason(message: string, { signal }: Asking): Promise<string> {
  return askText(message, { check: (value) => (value.trim() === '' ? 'Write a reason' : undefined), signal })
}
