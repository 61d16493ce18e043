import {
  people,
  decide,
  entry,
  makePlan,
  makeStep,
  outputData,
  requestFact,
  start,
  startFact,
} from './evidence.ts'
import type { Keys, Specimen } from './evidence.ts'
import { namespaces } from '../../runner/journal/verify/evidence.ts'
import { sha256 } from '../../runner/journal/record/write-journal.ts'
import type { PlannedStep } from '../../runner/model/plan.ts'

/** The same numbers for the same seed, everywhere. */
export type Random = (below: number) => number

export function random(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export interface Wanted {
  /** Whether it must hold an approval by bob and steps around it. Default: as it falls. */
  approval?: boolean
  signed?: boolean
}

const texts = [
  'plain',
  'Grüße ✋ \u{1f600}',
  'quotes " and \\ back',
  'del \u007f and \u0001',
  'line\nline\ttab',
  '',
  ' \u2028 ',
]

/** A run as the runner writes it: some fail, some are rejected, some are taken up again, some are closed by a second person. */
export function goodRun(seed: number, keys: Keys, wanted: Wanted = {}): Specimen {
  const next = random(seed)
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T
  const signed = wanted.signed ?? next(8) > 0
  const steps = makeSteps(next, wanted)
  const document = `---\ntitle: Release\n---\n${pick(texts)}\n`
  const closes = next(4) === 0
  const inputs = { version: `1.${next(9)}.${next(9)}`, note: pick(texts) }
  const plan = makePlan(document, steps, { inputs, ...(closes ? { close: 'second-person' as const } : {}) })
  const run = `20261121-0900${String(10 + (seed % 50))}-release-${sha256(String(seed)).slice(0, 4)}`
  const signers = signed ? signersText(keys) : undefined
  const specimen: Specimen = {
    run,
    plan,
    document,
    files: {},
    facts: [],
    signers,
    before: othersBefore(next),
    ...(signed ? { signing: { by: people.alice, key: keys['alice']!, namespace: namespaces.head } } : {}),
    ...(closes ? { closing: { by: people.carol, key: signed ? keys['carol'] : undefined } } : {}),
  }
  play(specimen, next, keys, wanted.approval === true)
  return specimen
}

function signersText(keys: Keys): string {
  const { head, attestation, approval } = namespaces
  const line = (who: string, spaces: string): string =>
    `${who}@example.com namespaces="${spaces}" ${keys[who]?.line}\n`
  return line('alice', `${head},${attestation}`) + line('bob', approval) + line('carol', approval)
}

function makeSteps(next: Random, { approval }: Wanted): PlannedStep[] {
  const count = 1 + next(5)
  const steps = Array.from({ length: count }, (_, index) => {
    const attributes = next(4) === 0 ? { onFailure: 'continue' } : {}
    return makeStep(`step-${index + 1}`, next(4) === 0 ? 'checklist' : 'command', { attributes })
  })
  const go = makeStep('go', 'approval', { attributes: { approvers: 'bob', min: 1 + next(2) } })
  if (approval || next(2) === 0) steps.splice(approval ? 1 : next(count + 1), 0, go)
  if (approval) steps[0] = makeStep('step-1', 'command')
  if (approval) steps.push(makeStep('last', 'command'))
  return steps
}

function othersBefore(next: Random): Specimen['before'] {
  return Array.from({ length: next(4) }, (_, index) => {
    const fields = {
      run: `earlier-${index}`,
      slug: 'release',
      type: 'opened',
      size: 1,
      sha256: sha256(`e${index}`),
      final: false,
      by: 'x',
    }
    return entry(fields, start - 60_000 + index)
  })
}

/** Writes the facts of all steps, ending early when one fails or is rejected. */
function play(specimen: Specimen, next: Random, keys: Keys, mustSucceed: boolean): void {
  let at = start
  const runner = people.alice
  const tell = (type: Specimen['facts'][number]['type'], key: string, data = {}): void => {
    at += next(2000)
    specimen.facts.push({ ts: at, type, key, by: runner, data })
  }
  specimen.facts.push(startFact(specimen, runner, at))
  let end = { status: 'succeeded', message: 'All steps are done', step: '' }
  for (const step of specimen.plan.steps) {
    if (next(6) === 0) {
      tell('run-paused', '', { topic: '', message: 'The run was stopped while it waited' })
      tell('run-resumed', '', { boot: 'c' })
    }
    const begun = { kind: step.kind, effect: step.effect, title: step.title }
    tell('step-started', `${step.id}#1`, begun)
    const fails = !mustSucceed && next(8) === 0
    if (step.kind === 'approval') {
      const verdict = playApproval(specimen, step, keys, at, fails)
      at = (specimen.facts.at(-1)?.ts ?? at) + 1
      tell('step-ended', `${step.id}#1`, { status: verdict, message: 'decided', outputs: {}, data: {} })
      if (verdict === 'rejected') {
        tell('step-failed', `${step.id}#${specimen.facts.length}`, {
          status: 'stopped',
          message: 'rejected',
          outputs: {},
        })
        end = { status: 'stopped', message: 'Rejected', step: step.id }
        break
      }
      tell('step-finished', step.id, { status: 'passed', message: 'approved', outputs: {} })
      continue
    }
    const retries = step.kind === 'command' ? [0, 0, 0, 1, 2][next(5)]! : 0
    for (let attempt = 1; attempt <= retries; attempt++) {
      const failure = { status: 'failed', message: 'exited with code 1', outputs: {}, data: {} }
      tell('step-ended', `${step.id}#${attempt}`, failure)
      tell('moment-recorded', `${step.id}#${attempt}/retry`, { at })
      tell('step-started', `${step.id}#${attempt + 1}`, begun)
    }
    const text = texts[next(texts.length)] ?? ''
    const data =
      step.kind === 'command' && (text !== '' || mustSucceed)
        ? outputData(specimen, `steps/${step.id}.${retries + 1}.stdout`, `${step.id} ${text} ${next(1000)}\n`)
        : { status: 'passed', message: 'done', outputs: {}, data: {} }
    const status = fails ? 'failed' : 'passed'
    tell('step-ended', `${step.id}#${retries + 1}`, { ...data, status })
    if (fails && step.attributes['onFailure'] !== 'continue') {
      tell('step-failed', `${step.id}#0`, { status, message: 'exited with code 1', outputs: {} })
      end = { status: 'failed', message: 'failed', step: step.id }
      break
    }
    tell('step-finished', step.id, { status, message: text, outputs: {} })
  }
  if (end.status === 'failed' && next(2) === 0) {
    tell('run-ended', '', end)
    tell('run-resumed', '', { boot: 'd' })
    tell('rollback-started', '', { step: end.step, reason: 'taken back' })
    end = { ...end, status: 'rolled-back' }
  }
  tell('run-ended', '', end)
}

function playApproval(
  specimen: Specimen,
  step: PlannedStep,
  keys: Keys,
  from: number,
  rejects: boolean,
): 'passed' | 'rejected' {
  const min = Number(step.attributes['min'] ?? 1)
  const signed = specimen.signers !== undefined
  let at = from
  for (let number = 1; number <= min; number++) {
    const topic = `${step.id}/${number}`
    specimen.facts.push(requestFact(specimen.plan, topic, people.alice, (at += 10), min))
    const who = number === 1 ? 'bob' : 'carol'
    const decision = rejects ? 'rejected' : 'approved'
    const made = { by: people[who], key: signed ? keys[who] : undefined, decision, at: (at += 1000) } as const
    specimen.facts.push(decide(specimen, topic, made))
    at += 1000
    if (rejects) return 'rejected'
  }
  return 'passed'
}
