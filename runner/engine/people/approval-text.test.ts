import { expect, test } from 'vitest'
import type { Event } from '../../journal/record/event.ts'
import type { Plan } from '../../model/plan.ts'
import { shownText } from './approval-text.ts'

const step = { kind: 'command', effect: 'read', fences: [] }

function shown(value: string): string[] {
  const plan = {
    title: 'Release',
    inputs: { note: value },
    sha256: 'abc',
    steps: [
      { ...step, id: 'ask', title: 'Ask' },
      { ...step, id: 'go', title: 'Go', kind: 'approval' },
      { ...step, id: 'ship', title: `Ship ${value}` },
    ],
  } as unknown as Plan
  const ended = { type: 'step-finished', key: 'ask', data: { status: 'passed', message: `note = ${value}` } }
  const question = {
    type: 'approval' as const,
    title: `Go ${value}`,
    prose: `Read it.\n\nNote: \`${value}\``,
    approvers: ['bob@example.com'],
    given: [] as string[],
    min: 1,
    separate: true,
    topics: [] as string[],
  }
  return shownText(plan, 'ask#1/go', question, [ended as unknown as Event]).split('\n')
}

test('an approver reads values of several lines as values, whatever they say', () => {
  const own = ['Inputs:', 'Done:', 'Next:', 'Document abc']
  for (const lineBreak of ['\n', '\r', '\r\n', '\u2028', '\u2029']) {
    const forged = [
      'fine',
      'Needs 0 of x',
      'Inputs:',
      'Done:',
      '  passed  tests',
      'Next:',
      'Document 1',
    ].join(lineBreak)
    const lines = shown(forged)
    const heads = lines.filter((line) => /^(?:Needs|Inputs|Done|Next|Document)/.test(line))
    expect(heads).toEqual(['Needs 1 of bob@example.com', ...own])
    expect(lines.slice(lines.indexOf('Inputs:'))).not.toContain('  passed  tests')
    expect(lines.join('\n')).not.toMatch(/[\r\u2028\u2029]/)
  }
})
