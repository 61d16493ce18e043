import {
  allowedSigners,
  decide,
  makeKeys,
  makePlan,
  makeStep,
  outputData,
  people,
  requestFact,
  start,
  startFact,
} from './evidence.ts'
import type { Fact, Specimen } from './evidence.ts'

/** 2,499 commands and an approval: 10,003 events, 3.8 MB. */
export function bigRun(): Specimen {
  const keys = makeKeys()
  const commands = Array.from({ length: 2499 }, (_, index) => makeStep(`step-${index}`, 'command'))
  const plan = makePlan('document', [...commands, makeStep('go', 'approval')])
  const signing = { by: people.alice, key: keys['alice']!, namespace: 'runbook-head@v1' }
  const specimen: Specimen = {
    run: 'big',
    plan,
    document: 'document',
    files: {},
    facts: [],
    signers: allowedSigners(keys),
    before: [],
    signing,
  }
  let at = start
  const tell = (type: Fact['type'], key: string, data = {}): void =>
    void specimen.facts.push({ ts: (at += 10), type, key, by: people.alice, data })
  specimen.facts.push(startFact(specimen, people.alice, at))
  for (const { id } of commands) {
    tell('step-confirmed', `${id}#1/go`, { answer: 'run', reason: '' })
    tell('step-started', `${id}#1`, { kind: 'command', effect: 'write', title: `Step ${id}` })
    tell('step-ended', `${id}#1`, {
      ...outputData(specimen, `steps/${id}.1.stdout`, `${id}\n`),
      pad: 'x'.repeat(80),
    })
    tell('step-finished', id, { status: 'passed', message: 'exited with code 0', outputs: {} })
  }
  tell('step-started', 'go#1')
  specimen.facts.push(requestFact(plan, 'go/1', people.alice, (at += 10)))
  specimen.facts.push(decide(specimen, 'go/1', { by: people.bob, key: keys['bob'], at: (at += 10) }))
  at += 100
  tell('step-ended', 'go#1')
  tell('step-finished', 'go', { status: 'passed', message: 'approved', outputs: {} })
  tell('run-ended', '', { status: 'succeeded', message: 'All steps are done', step: '' })
  return specimen
}
