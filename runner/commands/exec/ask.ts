import type { AllAnswers, AnyQuestion } from '../../engine/loop/durable.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { formOf } from '../../engine/people/question-form.ts'
import { compilerOf, fieldProblem, readForm } from '../../model/people/question-form.ts'
import type { Compile } from '../../model/values/read-input.ts'
import type { AnswerChoice, AnswerField, QuestionForm } from '../../model/people/question-form.ts'
import type { Actor } from '../../model/plan.ts'
import type { OperatorOptions } from './operator.ts'
import { InputEnded, PromptCancelled, askChoice, askText } from '../../kit/prompt.ts'
import { stepLines } from '../shared/step-lines.ts'

interface Asking extends OperatorOptions {
  signal: AbortSignal
  run: string
  step: string
}

/** Asks the person at the terminal. A prompt left without an answer stops the run, and is never a yes. */
export async function askPerson<Q extends AnyQuestion>(
  question: Q,
  asking: Asking,
): Promise<AllAnswers[Q['type']] | undefined> {
  const by: Actor = { ...asking.actor, via: 'terminal' }
  try {
    const answer = await askForm(question, asking)
    return answer && ({ ...answer, by } as unknown as AllAnswers[Q['type']])
  } catch (error) {
    if (!(error instanceof PromptCancelled)) throw error
    // The operator has left: the run waits, as it does without an operator.
    if (error instanceof InputEnded) return undefined
    if (!asking.signal.aborted) asking.stop()
    return undefined
  }
}

async function askForm(question: AnyQuestion, asking: Asking): Promise<JsonObject | undefined> {
  const form = formOf(question)
  for (const line of form.about) asking.io.note(`  ${line}`)
  if (question.type === 'approval' && !asking.plan.selfApproval) return othersDecide(asking)
  const choice = await choose(form, question, asking)
  if (choice.stops) throw new PromptCancelled('The operator stopped the run')
  const compile = await compilerOf(form)
  const given: Record<string, string> = { [form.member]: choice.recorded ?? choice.value }
  for (const field of choice.fields) given[field.name] = await askField(field, compile, asking.signal)
  const read = readForm(form, given, compile)
  return read.ok ? read.value : undefined
}

async function choose(form: QuestionForm, question: AnyQuestion, asking: Asking): Promise<AnswerChoice> {
  const [only] = form.choices
  if (form.member === '' && only) return only
  const shows = question.type === 'go' ? [{ value: 'show', label: 'Show what it does' }] : []
  const [first, ...rest] = form.choices
  const choices = first ? [first, ...shows, ...rest] : shows
  for (;;) {
    const answer = await askChoice(form.title, choices, asking.signal)
    const chosen = form.choices.find(({ value }) => value === answer)
    if (chosen) return chosen
    const step = asking.plan.steps.find(({ id }) => id === asking.step)
    if (step) asking.io.note(stepLines(step, asking.kinds, asking.io).join('\n'))
  }
}

function askField(field: AnswerField, compile: Compile, signal: AbortSignal): Promise<string> {
  const { spec, label, exact } = field
  const options =
    spec.type === 'choice' ? spec.options : spec.type === 'boolean' ? ['false', 'true'] : undefined
  const fallback = spec.default === undefined || options ? '' : ` (empty: ${String(spec.default)})`
  const check = (text: string): string | undefined => {
    const problem = fieldProblem(field, text, compile)
    return problem === undefined || exact === undefined ? problem : `${problem}, or press Ctrl-C to stop`
  }
  return askText(label + fallback, { check, options, signal })
}

function othersDecide({ io, run, step }: Asking): Promise<never> {
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
