import { expect, test } from 'vitest'
import { played, texts } from '../../test/support/scenario-suite.ts'
import type { Others } from '../../test/support/scenario-suite.ts'

const runbook = `---
title: Outer
inputs:
  version: { type: string, default: 1.4.0 }
---

<Include id="nested" title="Nested" runbook="inner" outputs="sha" onFailure="continue">

~~~yaml
inputs: { version: "\${{ inputs.version }}" }
outputs: { sha: digest }
~~~

</Include>

<Command id="last" title="Last" when="inputs.version != '9.9.9'">

~~~bash
echo "$sha"
~~~

</Command>
`
const inner = `---
title: Inner
inputs:
  version: { type: semver }
---

<Command id="build" title="Build" outputs="digest">

~~~bash
build "$version"
~~~

</Command>

<Approval id="sign" title="Sign" approvers="qa" />

<Wait id="soak" title="Soak" for="30m" />
`
const others: Others = {
  inner: [
    inner,
    `steps: { build: { outputs: { digest: 4f2a } }, sign: approved by carol@example.com after 1h }
scenarios:
  - { name: all is well, expect: { ends: succeeded, ran: build sign soak, took: 1h30m } }
  - { name: it cannot be built, steps: { build: { exit: 1 } }, expect: { ends: failed, at: build } }
  - { name: it is refused, steps: { sign: rejected by carol@example.com }, expect: { ends: stopped, at: sign } }
  - { name: nobody signs, steps: { sign: nobody }, expect: { ends: waiting, at: sign } }`,
  ],
}
const outcome = async (scenario: string, more = ''): Promise<string[]> => {
  const includes = `steps: { nested: { includes: { scenario: ${scenario} } } }`
  return (await played(runbook, `scenarios:\n  - { name: a, ${includes}, ${more} }`, others)).flatMap(texts)
}

test('an included runbook is played by one of its own scenarios: outputs, time, failures and waits come from there', async () => {
  expect(
    await outcome('all is well', 'expect: { ends: succeeded, outputs: { sha: 4f2a }, took: 1h30m }'),
  ).toEqual([])
  expect(
    await outcome('it cannot be built', 'expect: { ends: failed, at: last, steps: { nested: failed } }'),
  ).toEqual([])
  expect(await outcome('it is refused', 'expect: { steps: { nested: stopped } }')).toEqual([])
  expect(await outcome('nobody signs', 'expect: { ends: waiting, at: nested }')).toEqual([])
})

test('inputs that the included runbook refuses, or that lead it another way than its scenario says, are differences', async () => {
  expect(await outcome('all is well', 'inputs: { version: newest }')).toEqual([
    expect.stringMatching(/^Scenario `all is well` of inner: .*newest/),
  ])
  expect(await outcome('all is wel')).toEqual([expect.stringContaining('Did you mean `all is well`?')])
  const [first] = await played(
    runbook,
    'scenarios:\n  - { name: a, steps: { nested: { includes: { scenario: all is well } } } }',
    { inner: [inner, `${others['inner']?.[1].replace('took: 1h30m', 'took: 2h')}`] },
  )
  expect(first && texts(first)).toEqual(['Scenario `all is well` of inner: took: 1h 30m, expected 2h'])
})

test('a runbook that includes itself is not played for ever', async () => {
  const own: Others = {
    inner: [
      runbook.replace('title: Outer', 'title: Inner'),
      'steps: { nested: { includes: { scenario: a } } }\nscenarios:\n  - { name: a }',
    ],
  }
  const [first] = await played(
    runbook,
    'scenarios:\n  - { name: a, steps: { nested: { includes: { scenario: a } } } }',
    own,
  )
  expect(first && texts(first)).toEqual([expect.stringContaining('inner includes itself')])
})
