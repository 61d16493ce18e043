import { expect, test } from 'vitest'
import { runbookOf } from '../../../test/support/scenario-suite.ts'
import { checkScenarios } from './check-scenarios.ts'
import { readScenarios } from './read-scenarios.ts'

const runbook = runbookOf(`---
title: A
inputs: { version: { type: semver } }
---

<Check id="look" title="Look" outputs="idle">

~~~bash
true
~~~

</Check>

<Approval id="sign" title="Sign" approvers="a@example.com" />
`)

function findings(text: string): string[] {
  const read = readScenarios(text, 'a.scenarios.yaml')
  const all = Array.isArray(read) ? read : checkScenarios(read, runbook)
  return all.map(({ place, message, hint }) => `${place.line}:${place.column} ${message} · ${hint}`)
}

test.each([
  ['no scenarios', 'inputs: {}', /^1:1 `scenarios`: /],
  ['broken YAML', 'scenarios:\n  - name: [', /^2:\d+ /],
  [
    'an unknown field',
    'scenarios:\n  - name: a\n    expct: {}',
    /^3:5 .*Unexpected field `expct` · Did you mean `expect`\?/,
  ],
  [
    'a field of another place',
    'scenarios:\n  - name: a\n    expect: { status: failed }',
    /^3:15 .*Unexpected field `status` · (?!Did you mean `status`)/,
  ],
  [
    'an unknown step',
    'steps:\n  lok: {}\nscenarios: [{ name: a }]',
    /^2:3 There is no step `lok` in a · Did you mean `look`\?/,
  ],
  [
    'an unknown step in a list',
    'scenarios:\n  - name: a\n    expect:\n      did: [look, lok]',
    /^4:19 There is no step `lok`/,
  ],
  [
    'an unknown input',
    'scenarios:\n  - name: a\n    inputs: { verson: 1.0.0 }',
    /^3:15 There is no input `verson`/,
  ],
  [
    'an undeclared output',
    'steps: { look: { outputs: { live: x } } }\nscenarios: [{ name: a }]',
    /^1:18 Step `look` does not declare the output `live`/,
  ],
  [
    'an answer of another kind',
    'steps: { look: approved by b@example.com }\nscenarios: [{ name: a }]',
    /^1:10 Unexpected `approvals` for step `look`, which is a check step/,
  ],
  [
    'an answer nobody gives',
    'steps: { sign: accepted by b@example.com }\nscenarios: [{ name: a }]',
    /^1:10 .*Unexpected answer `accepted by b@example.com`/,
  ],
  [
    'a look that is no look',
    'steps: { sign: { looks: fine } }\nscenarios: [{ name: a }]',
    /Unexpected look `fine`/,
  ],
  ['two of one name', 'scenarios: [{ name: a }, { name: a }]', /^1:28 Two scenarios have the name `a`/],
  [
    'a last life that dies',
    'scenarios:\n  - name: a\n    lives:\n      - dies: { in: look }',
    /^4:9 The last life dies/,
  ],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\nscenarios: [{ name: a }]`,
    /The file cannot be read|Unexpected field/,
  ],
  ['a file of two megabytes', `# ${'x'.repeat(2_000_000)}`, /expected at most 1048576/],
  ['a list instead of a file', '- a', /^1:1 /],
])('says where a file is wrong: %s', (_, text, expected) => {
  const all = findings(text)
  expect(
    all.some((one) => expected.test(one)),
    all.join('\n'),
  ).toBe(true)
})

test('values keep their exact text', () => {
  const read = readScenarios(
    'inputs: { version: 1.10 }\nsteps: { look: { outputs: { idle: 007 } } }\nscenarios: [{ name: a }]',
    'a',
  )
  if (Array.isArray(read)) throw new Error(read[0]?.message)
  expect(read.file.inputs).toEqual({ version: '1.10' })
  expect(read.file.steps['look']?.attempts).toEqual([{ outputs: { idle: '007' } }])
})
