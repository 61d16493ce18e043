import { expect, test } from 'vitest'
import type { PlannedStep } from '../../../runner/model/plan.ts'
import { stepWith } from '../../../test/support/fake-context.ts'
import { diagram, flowWords } from './step-diagram.ts'

const step = (id: string, more: Partial<PlannedStep> = {}): PlannedStep =>
  stepWith({ id, title: id, ...more })
const undo = { lang: 'bash', role: 'undo', code: 'true' } as unknown as PlannedStep['fences'][number]
const steps = [
  step('look', { phase: 'One' }),
  step('send', { phase: 'One', kind: 'command', effect: 'write', fences: [undo] }),
  step('slo', { phase: 'Two', kind: 'gate' }),
]

test('the flow is told in a line, without what it has none of', () => {
  expect(flowWords(steps)).toBe('Flow: 3 steps, 2 phases, 1 gate, 1 way back')
})

test('each step of the diagram is a link to itself, on its page or from elsewhere', () => {
  const links = (page: string) =>
    [...diagram('x', steps, page).matchAll(/<a href="([^"]*)"/g)].map(([, to]) => to)
  expect(links('')).toEqual(['#look', '#send', '#slo'])
  expect(links('/runbooks/x/')[0]).toBe('/runbooks/x/#look')
})

test('a title is in at most two lines of the width of a phone, and is text alone', () => {
  const title = `A title <b>with</b> markup that is ${'very '.repeat(30)}long`
  const drawn = [...diagram('x', [step('a', { title })], '').matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
  expect(drawn.slice(0, 2).every(([, words = '']) => words.replaceAll(/&\w+;/g, '<').length <= 38)).toBe(true)
  expect(drawn[1]?.[1]).toMatch(/…$/)
  expect(drawn[0]?.[1]).toContain('&lt;b&gt;')
})
