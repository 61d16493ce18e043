import { expect, test } from 'vitest'
import { hindranceTo } from './standing.ts'
import type { Standing } from './standing.ts'

/** A run of alice that asks for a go of step `ship`. */
function standing(presence: string, more: Partial<Standing> = {}): Standing {
  const plan = { presence, aliases: {}, steps: [{ id: 'ship', attributes: {} }] }
  const question = { type: 'go', step: 'ship', title: 'Ship', attempt: 1 }
  return {
    stored: { plan, events: [] },
    isDriven: true,
    isStopping: false,
    watch: 'alice@example.com',
    asked: { topic: 'ship#1/go', question },
    ...more,
  } as unknown as Standing
}

test('who runs it can answer with a passkey, or where no presence is asked for', () => {
  expect(hindranceTo(standing('touch'), 'alice@example.com', true)).toBeUndefined()
  expect(hindranceTo(standing('none'), 'alice@example.com', false)).toBeUndefined()
})

test('a step that asks for presence tells who has no passkey where to answer', () => {
  expect(hindranceTo(standing('touch'), 'alice@example.com', false)).toBe(
    'The step asks for presence `touch`, and alice@example.com has no passkey for this page. Answer at the terminal of the runner.',
  )
})

test('another person is told to take the run over, and a run without a process to resume it', () => {
  expect(hindranceTo(standing('none'), 'bob@example.com', true)).toBe(
    'alice@example.com has the watch. Take it over to answer.',
  )
  expect(hindranceTo(standing('none', { isDriven: false }), 'alice@example.com', true)).toBe(
    'No process drives the run. Resume it, then answer.',
  )
})
