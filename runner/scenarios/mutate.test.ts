import { expect, test } from 'vitest'
import { suiteOf } from '../../test/support/scenario-suite.ts'
import { coverageOf } from './coverage.ts'
import { mutate } from './mutate.ts'
import { playSuite } from './suite.ts'

const runbook = `---
title: A
inputs: { loud: { type: boolean, default: false } }
---

<Command id="start" title="Start" onFailure="rollback">

~~~bash
start
~~~

~~~bash done
started
~~~

~~~bash undo always
stop
~~~

</Command>

<Check id="tell" title="Tell" when="inputs.loud == 'true'" expect="lines.size() == 1">

~~~bash
echo hello
~~~

</Check>

<Approval id="go" title="Go" approvers="manager" min={2} />
`
const base = `
steps: { go: [approved by bob@example.com, approved by dana@example.com] }
scenarios:
  - name: all is well
    expect: { ends: succeeded, ran: start go, skipped: tell }
`

async function survivors(
  scenarios: string,
): Promise<{ mutants: number; left: string[]; unreached: string[] }> {
  const suite = await suiteOf(runbook, base + scenarios)
  const results = await playSuite(suite)
  expect(results.flatMap(({ differences }) => differences)).toEqual([])
  const report = await mutate(suite, results)
  const plan = results[0]?.subject?.original
  const { unreached } = coverageOf(
    plan as NonNullable<typeof plan>,
    results.flatMap(({ played }) => played ?? []),
  )
  return {
    mutants: report.mutants,
    left: report.survivors.map(({ steps, what, line }) => `${line} ${steps[0]}: ${what}`),
    unreached: unreached.map(({ step, what }) => `${step} ${what}`),
  }
}

test('a change that no scenario notices is listed with the line of its step', async () => {
  const { mutants, left, unreached } = await survivors('')
  expect(mutants).toBe(12)
  expect(left).toEqual([
    '6 start: swapped with `tell`',
    '6 start: `onFailure` dropped',
    '6 start: `undo` dropped',
    '6 start: `done` dropped',
    '6 start: `undo` no longer `always`',
    '22 tell: `expect` dropped',
    '30 go: `min` lowered by 1',
  ])
  expect(unreached).toContain('start is undone')
  expect(unreached).toContain('tell passes')
  expect(unreached).not.toContain('tell is skipped by `when`')
})

test('scenarios for what was left notice every change', async () => {
  const { left, unreached } = await survivors(`
  - { name: it fails, steps: { start: { exit: 1, effect: true } }, expect: { ends: rolled-back, undone: start } }
  - { name: it fails at once, steps: { start: { exit: 1 } }, expect: { ends: rolled-back, undone: start } }
  - { name: loud and well, inputs: { loud: true }, steps: { tell: { stdout: hello } }, expect: { ran: start tell go } }
  - { name: it held, steps: { start: { held: true } }, expect: { did: [] } }
  - { name: only one, steps: { go: approved by bob@example.com }, expect: { ends: waiting } }
  - name: loud
    inputs: { loud: true }
    steps: { tell: { stdout: "hello\\nworld" } }
    expect: { ends: failed, at: tell }
`)
  expect(left).toEqual([])
  expect(unreached).not.toContain('start is undone')
})
