import type { AnswerChoice, AnswerField, QuestionForm } from '../../model/people/question-form.ts'
import type { AnyQuestion } from '../loop/durable.ts'

type FormOf<T extends AnyQuestion['type']> = (question: Extract<AnyQuestion, { type: T }>) => QuestionForm

/** The question and the answers that are allowed, for the terminal, for a page and for the inbox. */
export function formOf(question: AnyQuestion): QuestionForm {
  return (forms[question.type] as FormOf<AnyQuestion['type']>)(question)
}

const forms: { [T in AnyQuestion['type']]: FormOf<T> } = {
  go: ({ step }) => ({
    title: `Run ${step}?`,
    about: [],
    member: 'answer',
    choices: [
      { value: 'run', label: 'Run it', tone: 'main', fields: [] },
      { value: 'skip', label: 'Skip it', hint: 'with a reason', fields: [reason('Why is it skipped?')] },
      stopHere('the run can be resumed'),
    ],
  }),
  confirm: ({ title, word }) => ({
    title,
    about: [],
    member: '',
    always: { answer: 'confirmed' },
    choices: [
      {
        value: 'confirmed',
        label: 'Confirm',
        tone: 'main',
        fields: [{ name: 'word', label: `${title}: type ${word} to go on`, spec: line, exact: word }],
      },
    ],
  }),
  task: ({ text, index, of }) => ({
    title: `${index}/${of} ${text}`,
    about: [],
    member: 'answer',
    choices: [
      { value: 'done', label: 'Done', tone: 'main', fields: [], short: true },
      {
        value: 'note',
        recorded: 'done',
        label: 'Done, with a note or a link to what shows it',
        tone: 'main',
        fields: [
          { name: 'note', label: 'Note', spec: line },
          { name: 'evidence', label: 'Link or path of what shows it (empty: none)', spec: line },
        ],
      },
      {
        value: 'not-applicable',
        label: 'Not applicable',
        hint: 'with a reason',
        fields: [{ ...reason('Why does it not apply?'), name: 'note' }],
      },
    ],
  }),
  field: ({ name, spec, index, of }) => ({
    title: `${index}/${of} ${name}${spec.description ? `: ${spec.description}` : ''}`,
    about: [],
    member: '',
    choices: [
      {
        value: 'value',
        label: 'Answer',
        tone: 'main',
        fields: [
          {
            name: 'value',
            label: `${index}/${of} ${name}${spec.description ? `: ${spec.description}` : ''}`,
            spec,
          },
        ],
      },
    ],
  }),
  approval: ({ title, approvers, min, given }) => ({
    title,
    about: [`Needs ${min - given.length} more of: ${approvers.join(', ')}`],
    member: 'decision',
    choices: [
      {
        value: 'rejected',
        label: 'Reject',
        hint: 'with a reason; the run stops',
        tone: 'danger',
        fields: [reason('Why?')],
      },
      { value: 'approved', label: 'Approve', tone: 'main', fields: [] },
    ],
  }),
  gate: ({ title, reason: why }) => ({
    title: 'What follows from that?',
    about: [`${title} ${why}.`],
    member: 'answer',
    choices: [
      {
        value: 'stop',
        label: 'Stop here',
        hint: 'the run can be resumed, and watches again',
        fields: [],
      },
      {
        value: 'extend',
        label: 'Watch on',
        hint: 'for the same time again; violations stay counted',
        tone: 'main',
        fields: [],
      },
      { value: 'rollback', label: 'Roll back', hint: 'undo what was done', tone: 'danger', fields: [] },
      { value: 'accept', label: 'Accept', hint: 'with a reason', fields: [reason('Why is it accepted?')] },
    ],
  }),
  resolve: (question) => (question.failed ? offerOf(question) : outcomeOf(question)),
}

type Resolve = Extract<AnyQuestion, { type: 'resolve' }>

function outcomeOf({ step, title, attempt, why, check, canUndo }: Resolve): QuestionForm {
  const evidence = [reason('How do you know?')]
  const undo: AnswerChoice = {
    value: 'undo',
    label: 'Undo',
    hint: 'and all before it',
    tone: 'danger',
    fields: evidence,
  }
  return {
    title: `${title}: what is true?`,
    about: [`The outcome of attempt ${attempt} of \`${step}\` is unknown: ${why}. Its effect: ${check}.`],
    member: 'answer',
    choices: [
      { value: 'stop', label: 'Stop here', hint: 'the run ends', fields: [reason('Why?')] },
      { value: 'done', label: 'It is done', hint: 'go on with the next step', fields: evidence },
      { value: 'again', label: 'Run it again', fields: evidence },
      ...(canUndo ? [undo] : []),
    ],
  }
}

/** A step failed on the way back of a run, and may have taken effect before that. */
function offerOf({ step, title, why, check }: Resolve): QuestionForm {
  const evidence = [reason('How do you know?')]
  return {
    title: `${title}: is it to be undone?`,
    about: [`Step \`${step}\` ${why}, and may have taken effect before that: ${check}.`],
    member: 'answer',
    choices: [
      { value: 'stop', label: 'Stop here', hint: 'the rollback can be resumed', fields: [reason('Why?')] },
      { value: 'undo', label: 'Undo it too', tone: 'danger', fields: evidence },
      {
        value: 'done',
        label: 'Leave it',
        hint: 'it did not take effect, or was undone by hand',
        fields: evidence,
      },
    ],
  }
}

const line = { type: 'text', required: false } as const

function reason(label: string): AnswerField {
  return { name: 'reason', label, spec: { type: 'text', required: true }, reason: true }
}

function stopHere(hint: string): AnswerChoice {
  return { value: 'stop', label: 'Stop here', hint, fields: [], stops: true }
}
