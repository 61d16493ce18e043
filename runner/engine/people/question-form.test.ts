import { expect, test } from 'vitest'
import { readForm } from '../../model/people/question-form.ts'
import { compilePattern } from '../../model/values/pattern.ts'
import type { AnyQuestion } from '../loop/durable.ts'
import { formOf } from './question-form.ts'

const resolve: AnyQuestion = {
  type: 'resolve',
  step: 'tag',
  title: 'Tag',
  attempt: 1,
  why: 'it was killed',
  check: 'no done fence',
  canUndo: false,
}

const read = (question: AnyQuestion, given: Record<string, unknown>): unknown => {
  const outcome = readForm(formOf(question), given, compilePattern)
  return outcome.ok ? outcome.value : outcome.problem.message
}

test('an answer has the members of its question and no others', () => {
  const go: AnyQuestion = { type: 'go', step: 'tag', title: 'Tag', attempt: 1 }
  expect(read(go, { answer: 'run', reason: 'x', by: 'mallory' })).toEqual({ answer: 'run', reason: '' })
  expect(read(go, { answer: 'skip', reason: 'done by hand' })).toEqual({
    answer: 'skip',
    reason: 'done by hand',
  })
  const task: AnyQuestion = { type: 'task', text: 'Backups', index: 1, of: 2 }
  expect(read(task, { answer: 'done' })).toEqual({ answer: 'done', note: '', evidence: '' })
  expect(read(task, { answer: 'done', note: 'seen', evidence: 'https://x' })).toEqual({
    answer: 'done',
    note: 'seen',
    evidence: 'https://x',
  })
  const field: AnyQuestion = { type: 'field', name: 'n', spec: { type: 'int', max: 3 }, index: 1, of: 1 }
  expect(read(field, { value: '2' })).toEqual({ value: '2' })
})

test('what a terminal would ask again is refused with the reason', () => {
  const go: AnyQuestion = { type: 'go', step: 'tag', title: 'Tag', attempt: 1 }
  expect(read(go, {})).toBe('Choose one of the answers')
  expect(read(go, { answer: 'stop' })).toBe('Choose one of the answers')
  expect(read(go, { answer: 'skip', reason: ' ' })).toBe('Why is it skipped?: Write a reason')
  expect(read(resolve, { answer: 'undo', reason: 'x' })).toBe('Choose one of the answers')
  expect(read(resolve, { answer: 'done' })).toContain('Write a reason')
  expect(read({ type: 'confirm', step: 'tag', title: 'Tag', word: 'v1' }, { word: 'v2' })).toContain(
    'Type v1',
  )
  const field: AnyQuestion = { type: 'field', name: 'n', spec: { type: 'int', max: 3 }, index: 1, of: 1 }
  expect(read(field, { value: '4' })).toContain('at most 3')
})

test('a confirmation keeps that it was given, and not the word', () => {
  expect(read({ type: 'confirm', step: 'tag', title: 'Tag', word: 'v1' }, { word: 'v1' })).toEqual({
    answer: 'confirmed',
  })
})
