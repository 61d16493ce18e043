import { failure, problemOf, success } from '../problem.ts'
import type { Outcome } from '../problem.ts'
import type { JsonObject } from '../values/json.ts'
import { compilerFor, readGiven, readInput } from '../values/read-input.ts'
import type { Compile } from '../values/read-input.ts'
import type { InputSpec } from '../values/input-types.ts'

/**
 * A question to a person as plain data: what a terminal prompts for, what a page draws, and what both accept. An answer
 * that lies in the inbox is read against the same form again.
 */
export interface QuestionForm {
  /** The question, on one line. */
  title: string
  /** The facts that a person needs to answer, in sentences. */
  about: string[]
  /** The member of the answer that holds the choice; empty when there is nothing to choose. */
  member: 'answer' | 'decision' | ''
  /** Members that every answer has. */
  always?: JsonObject
  /** At least one. A person picks one and fills in its fields. */
  choices: AnswerChoice[]
}

export interface AnswerChoice {
  /** Tells the choices apart. */
  value: string
  /** The word that is recorded. Default: `value`. */
  recorded?: string
  label: string
  hint?: string
  /** Whether it goes on as planned, or takes something away. */
  tone?: 'main' | 'danger'
  fields: AnswerField[]
  /** It answers nothing: the run stops here, and can be resumed. */
  stops?: true
  /** Another choice records the same and has more fields: a page, where fields can stay empty, shows that one. */
  short?: true
}

export interface AnswerField {
  name: string
  label: string
  spec: InputSpec
  /** The one text that is accepted; it is not recorded. */
  exact?: string
  /** A blank text says nothing. */
  reason?: true
}

/** Members of an answer that every answer of its kind has, empty where nothing was given. */
const members = ['reason', 'note', 'evidence']

/** Loads what compiles the patterns of a form. */
export function compilerOf({ choices }: QuestionForm): Promise<Compile> {
  return compilerFor(choices.flatMap(({ fields }) => fields.map(({ spec }) => spec)))
}

/** Undefined when the field accepts a text, else what is wrong. */
export function fieldProblem(
  { spec, exact, reason }: AnswerField,
  text: string,
  compile: Compile,
): string | undefined {
  if (exact !== undefined) return text === exact ? undefined : `Type ${exact}`
  if (reason && text.trim() === '') return 'Write a reason'
  return problemOf(valueOf(spec, text, compile))
}

function valueOf(spec: InputSpec, text: string, compile: Compile): Outcome<string> {
  return readGiven(spec, text === '' ? undefined : text, compile) ?? readInput(spec, text, compile)
}

/**
 * Reads an answer against its form: the choice by its recorded word, then each of its fields. Members that it does not
 * ask for are left out.
 */
export function readForm(
  form: QuestionForm,
  given: Readonly<Record<string, unknown>>,
  compile: Compile,
): Outcome<JsonObject> {
  const choice = chosen(form, given)
  if (!choice) return failure('Choose one of the answers')
  const answer: JsonObject = {
    ...form.always,
    ...(form.member === '' ? {} : { [form.member]: choice.recorded ?? choice.value }),
  }
  for (const { fields } of form.choices)
    for (const { name } of fields) if (members.includes(name)) answer[name] = ''
  for (const field of choice.fields) {
    const text = given[field.name]
    const value = typeof text === 'string' ? text : ''
    const problem = fieldProblem(field, value, compile)
    if (problem !== undefined) return failure(`${field.label}: ${problem}`, { code: field.name })
    if (field.exact !== undefined) continue
    const read = valueOf(field.spec, value, compile)
    if (read.ok) answer[field.name] = read.value
  }
  return success(answer)
}

/** The fullest choice that records the word; without a word, the only one. */
function chosen(
  { choices, member }: QuestionForm,
  given: Readonly<Record<string, unknown>>,
): AnswerChoice | undefined {
  if (member === '') return choices[0]
  return choices.find(
    ({ value, recorded, stops, short }) => !stops && !short && (recorded ?? value) === given[member],
  )
}
