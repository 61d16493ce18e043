import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkerOf, trustIn } from '../../runner/engine/signing/trust.ts'
import { verifyFolder } from '../../runner/journal/verify.ts'
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
  writeSpecimen,
} from '../support/evidence.ts'
import type { Fact, Specimen } from '../support/evidence.ts'

const folder = mkdtempSync(join(tmpdir(), 'budget-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** 2,499 commands and an approval: 10,003 events, 3.8 MB. */
function bigRun(): Specimen {
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

beforeAll(() => writeSpecimen(bigRun(), folder))

test('verify checks 10,000 events with at most half a second of work', () => {
  const check = checkerOf(trustIn(folder), process.env)
  const seconds = [1, 2, 3].map(() => {
    const before = process.cpuUsage()
    expect(verifyFolder(folder, check)).toMatchObject({ verified: true, signed: true })
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  expect(Math.min(...seconds)).toBeLessThan(0.5)
})

test('the recipe checks 10,000 events with at most five seconds of work', () => {
  const recipe = resolve(import.meta.dirname, '../../runner/journal/recipe/verify.sh')
  const { stdout } = spawnSync('sh', ['-c', 'sh "$0" "$1" && times', recipe, folder], { encoding: 'utf8' })
  expect(stdout).toContain('VERIFIED, signed by alice@example.com')
  const children = stdout.trim().split('\n').at(-1) ?? ''
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  )
  expect(seconds).toHaveLength(2)
  expect(seconds.reduce((sum, one) => sum + one, 0)).toBeLessThan(5)
})
