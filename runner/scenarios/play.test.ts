import { expect, test } from 'vitest'
import { played, texts } from '../../test/support/scenario-suite.ts'

const release = `---
title: A
inputs:
  version: { type: semver }
  token: { type: secret, required: false }
---

<Check id="look" title="Look" outputs="idle">

~~~bash
echo "idle=green" >> "$RUNBOOK_OUTPUT"
~~~

</Check>

<Command id="start" title="Start" onFailure="rollback" timeout="1m">

~~~bash
start "$idle" "$version"
~~~

~~~bash done
started "$idle"
~~~

~~~bash undo always
stop "$idle"
~~~

</Command>

<Command id="shift" title="Shift" onFailure="rollback" timeout="1m" retries={1}>

~~~bash
shift "$idle"
~~~

~~~bash undo
unshift "$idle"
~~~

</Command>

<Approval id="sign" title="Sign" approvers="qa" expires="4h" />

<Approval id="go" title="Go" approvers="manager" min={2} />

<Wait id="soak" title="Soak" for="30m" />

<Http id="verify" title="Verify" expect="json.version == '\${{ inputs.version }}'">

~~~http
GET https://a.example.com/version
~~~

</Http>
`

const base = `
inputs: { version: 1.2.0 }
steps:
  look: { outputs: { idle: green } }
  sign: approved by carol@example.com
  go: [approved by bob@example.com, "approved by dana@example.com after 2m"]
  verify: { json: { version: 1.2.0 } }
scenarios:
`

async function pass(scenarios: string, runbook = release): Promise<void> {
  for (const result of await played(runbook, base + scenarios))
    expect(texts(result), result.scenario.name).toEqual([])
}

test('a run goes well, asks people in order, and takes the time of its waits', () =>
  pass(`
  - name: all is well
    expect:
      ends: succeeded
      did: start shift
      ran: look start shift sign go soak verify
      asked: [approval sign, approval go]
      took: 32m
      outputs: { idle: green }
      decided: ["go: Approved"]
`))

test('a failure rolls back what took effect, last first, and runs an undo that is `always`', () =>
  pass(`
  - name: the shift fails for good
    steps: { shift: { exit: 1, resolve: "again: nothing was shifted" } }
    expect: { ends: rolled-back, at: shift, asked: [resolve shift], attempts: { shift: 2 }, undone: start, leaves: [] }
  - name: nobody is there to say whether it shifted
    present: false
    steps: { shift: { exit: 1 } }
    expect: { ends: rolled-back, says: may have taken effect, undone: start }
  - name: the shift fails once
    steps: { shift: [{ exit: 1 }, {}] }
    expect: { ends: succeeded, attempts: { shift: 2 } }
  - name: the start fails half way
    steps: { start: { exit: 1, effect: true } }
    expect: { ends: rolled-back, did: start, undone: start, leaves: [] }
  - name: the undo fails
    present: false
    steps: { shift: { exit: 1 }, start: { undo: { exit: 1 } } }
    expect: { ends: rollback-failed, at: start, leaves: start }
  - name: a script takes too long
    present: false
    steps: { shift: { takes: 2m } }
    expect: { ends: rolled-back, prints: timed out after 1m }
`))

test('an effect that holds is not repeated', () =>
  pass(`
  - name: it was started before
    steps: { start: { held: true } }
    expect: { ends: succeeded, did: shift, steps: { start: skipped }, leaves: shift }
`))

test('a runner that dies is resumed where it was', () =>
  pass(`
  - name: before the effect
    dies: { in: start }
    expect: { ends: succeeded, did: start shift, attempts: { start: 2 } }
  - name: after the effect
    dies: { in: start, effect: true }
    expect: { ends: succeeded, did: start shift, attempts: { start: 1 } }
  - name: the script finishes without it
    dies: { in: shift, finishes: true }
    expect: { ends: succeeded, did: start shift, attempts: { shift: 1 } }
  - name: a step without a done fence is a question
    dies: { in: shift, effect: true }
    expect: { ends: waiting, at: shift, asked: [resolve shift] }
  - name: and a person answers it
    steps: { shift: { resolve: "done by erin@example.com: the proxy says so" } }
    dies: { in: shift, effect: true }
    expect: { ends: succeeded, did: start shift }
  - name: the machine restarts during the wait
    dies: { in: soak, with: machine }
    expect: { ends: succeeded, took: 32m }
  - name: another machine does not see what the first one did
    dies: { in: start, with: host }
    expect: { ends: waiting, at: start }
  - name: it dies on the way back
    present: false
    steps: { shift: { exit: 1 } }
    lives: [{ dies: { undo: start, effect: true } }, {}]
    expect: { ends: rolled-back, undone: start, leaves: [] }
`))

test('a run that ended is resumed only as the program allows', () =>
  pass(`
  - name: undone after success
    lives: [{}, { how: rollback }]
    expect: { ends: rolled-back, undone: shift start }
  - name: resumed after success
    lives: [{}, { how: resume }]
    expect: { ends: refused, says: has ended }
`))

test('approvals obey the rules: role, runner, order and time', () =>
  pass(`
  - name: rejected
    steps: { sign: "rejected by carol@example.com: not today" }
    expect: { ends: stopped, at: sign, says: not today }
  - name: not decided in time
    steps: { sign: approved by carol@example.com after 5h }
    expect: { ends: stopped, at: sign, says: expired }
  - name: somebody without the role
    steps: { go: [approved by carol@example.com, approved by bob@example.com, approved by dana@example.com] }
    expect: { ends: succeeded, refused: go }
  - name: one person counts once
    steps: { go: [approved by bob@example.com, approved by bob@example.com] }
    expect: { ends: waiting, at: go, refused: go }
  - name: the runner is nobody's approver
    runner: bob@example.com
    steps: { go: [approved by bob@example.com, approved by dana@example.com] }
    expect: { ends: waiting, at: go, refused: go }
  - name: it waits, and the decision comes later
    steps: { sign: { approvals: nobody } }
    lives: [{ ends: stopped, at: sign }, { after: 1h, steps: { sign: approved by carol@example.com } }]
    expect: { ends: succeeded }
`))

test('a script that reads an output nobody made fails, as under `set -u`', async () => {
  const [first = { differences: [] }] = await played(
    release
      .replace('outputs="idle"', 'outputs="idle, other"')
      .replace('start "$idle" "$version"', 'start "$other"'),
    `${base}
  - name: the output is missing
    steps: { look: { outputs: { idle: green } } }
    expect: { ends: failed, at: look, says: did not produce its output }`,
  )
  expect(first.differences).toEqual([])
})

test('an answer that is not asked for and a death that never comes are failures of the scenario', async () => {
  const [first, second] = await played(
    release,
    `${base}
  - name: never asked
    steps: { look: { exit: 1 }, verify: { status: 500 } }
    expect: { ends: failed }
  - name: never dies
    steps: { look: { exit: 1 } }
    dies: { in: shift }
    expect: { ends: refused }`,
  )
  expect(first && texts(first)).toEqual(['The run never asked for the answers of step `verify`'])
  expect(second && texts(second)).toContain('The run did not come to where the runner dies, `shift`')
})

test('every expectation says what differs, and where the file has it', async () => {
  const [result] = await played(
    release,
    `${base}
  - name: all wrong
    expect:
      ends: failed
      at: shift
      did: shift
      steps: { look: failed }
      outputs: { idle: blue }
      attempts: { shift: 3 }
      took: "<10m"
      prints: [no such thing at all]
      never: [waited 30m]`,
  )
  expect(result && texts(result)).toEqual([
    'ends: succeeded: All 7 steps are done, expected failed',
    'at: no step, expected shift',
    'did: [start, shift], expected [shift]',
    'steps.look: passed, expected failed',
    'attempts.shift: 1, expected 3',
    'outputs.idle: green, expected blue',
    'took: 32m, expected <10m',
    expect.stringMatching(/^prints: /),
    expect.stringMatching(/^never: soak: .*waited 30m/),
  ])
})

test('one scenario played twice gives the same journal', async () => {
  const text = `${base}
  - name: twice
    steps: { shift: [{ exit: 1 }, {}] }
    dies: { in: soak }
    expect: {}`
  const [first] = await played(release, text)
  const [second] = await played(release, text)
  expect(first?.played?.events).toEqual(second?.played?.events)
  expect(first?.played?.events.length).toBeGreaterThan(20)
})

test('the made-up value of a secret is in no event', async () => {
  const runbook = release
    .replace('outputs="idle"', 'outputs="idle, said"')
    .replace('idle=green" >>', 'idle=green" "$token" >>')
  const [first] = await played(
    runbook,
    `${base}
  - name: a step hands the secret on
    inputs: { token: correct-horse-battery }
    steps: { look: { outputs: { idle: green, said: correct-horse-battery } } }
    expect: { ends: succeeded }`,
  )
  expect(first && texts(first)).toEqual([])
  expect(JSON.stringify(first?.played?.events)).not.toContain('correct-horse-battery')
})

test('a wait until a time of day ends in the time zone of the scenario, on every machine', async () => {
  const runbook = '---\ntitle: A\n---\n\n<Wait id="night" title="Night" until="02:30" />\n'
  const scenario = (name: string, zone: string, took: string): string =>
    `  - { name: ${name}, ${zone}clock: '2027-03-28T00:00:00Z', expect: { ends: succeeded, took: ${took} } }\n`
  const results = await played(
    runbook,
    `scenarios:\n${scenario('utc', '', '2h30m')}${scenario('clocks go forward', 'zone: Europe/Berlin, ', '1h')}`,
  )
  expect(results.flatMap(texts)).toEqual([])
  await expect(played(runbook, 'scenarios:\n  - { name: a, zone: Mars/Base }\n')).rejects.toThrow('time zone')
})
