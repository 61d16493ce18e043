import { expect, test } from 'vitest'
import { played, texts } from '../../test/support/scenario-suite.ts'

const runbook = (source: string, attributes = ''): string => `---
title: A
---

<Gate id="gate" title="Gate" source="${source}" for="2m" interval="15s" ${attributes}>

~~~yaml
- name: errors
  ratio: { bad: 'requests_total{color="green",code=~"5.."}', total: 'requests_total{color="green"}' }
  below: 1%
- name: slow
  quantile: { histogram: 'duration_seconds{color="green"}', q: 0.95 }
  below: 1s
${source.endsWith('9090') ? "- name: asked\n  query: 'sum(rate(x[1m]))'\n  below: 3" : ''}
~~~

</Gate>
`

async function pass(document: string, scenarios: string): Promise<void> {
  for (const result of await played(document, `scenarios:\n${scenarios}`))
    expect(texts(result), result.scenario.name).toEqual([])
}

for (const source of ['http://a.example.com/metrics', 'http://a.example.com:9090'])
  test(`a gate on ${source} sees what a scenario says at each look`, () =>
    pass(
      runbook(source),
      `
  - name: good
    expect: { ends: succeeded, took: 2m }
  - name: one bad look is forgiven
    steps: { gate: { looks: { errors: "0.5% x2, 5%, 0.5%" } } }
    expect: { ends: succeeded, prints: 1 violation within }
  - name: the fourth bad look is not
    steps: { gate: { looks: { errors: "good x2, 5%" } } }
    expect: { ends: stopped, at: gate, says: 4 violations, took: 1m30s }
  - name: exactly the limit is bad
    steps: { gate: { looks: { slow: 1s } } }
    expect: { ends: stopped, at: gate }
  - name: no data
    steps: { gate: { looks: nothing } }
    expect: { ends: waiting, at: gate, asked: [gate gate] }
  - name: a person decides that it is good enough
    steps: { gate: { looks: nothing, decide: "accept by bob@example.com: nobody is awake" } }
    expect: { ends: succeeded, decided: [nobody is awake] }
  - name: nobody is there
    present: false
    steps: { gate: { looks: error } }
    expect: { ends: stopped, says: errors in a row }
  - name: the runner dies at the third look, and it begins anew
    dies: { in: gate, look: 3 }
    expect: { ends: succeeded, took: 2m45s }
`,
    ))

test('a look at a metric that the gate does not have is a failure of the scenario', async () => {
  const [result] = await played(
    runbook('http://a.example.com/metrics'),
    'scenarios:\n  - { name: misspelt, steps: { gate: { looks: { eror: bad } } } }',
  )
  expect(result && texts(result)).toEqual(['Gate `gate` has no metric `eror`; its metrics are errors, slow'])
})
