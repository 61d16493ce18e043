import type { Presence } from '../../../runner/model/people/presence-level.ts'
import { spelling } from '../../../runner/model/people/person.ts'
import { canonical } from '../../../runner/journal/record/canonical.ts'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import { namespaces } from '../../../runner/journal/verify/evidence.ts'
import { actDraft } from '../../../runner/journal/verify/rules/acts.ts'
import type { JsonObject } from '../../../runner/model/values/json.ts'
import type { Plan } from '../../../runner/model/plan.ts'
import {
  decide,
  eventsOf,
  makePlan,
  makeStep,
  outputData,
  people,
  requestFact,
  start,
  startFact,
} from '../evidence.ts'
import type { Fact, Keys, Specimen } from '../evidence.ts'
import { newSecurityKey, sshSign } from '../sshsig.ts'
import type { TestKey } from '../sshsig.ts'

interface Made {
  by: string
  key: TestKey | undefined
  /** Changes to the event of the decision. */
  more?: Fact['data']
  /** Changes to what is signed. */
  change?: JsonObject
  namespace?: string
}

export interface Forgery {
  name: string
  specimen: Specimen
}

interface Wanted {
  runner?: string
  runnerKey?: TestKey | undefined
  /** Facts between the start and the request. */
  before?: Fact[]
  approvers?: string[]
  /** What the step asks of those who decide. */
  presence?: Presence
  min?: number
  deadline?: number
  decisions: Made[]
  plan?: Partial<Plan>
  /** The go of the runner for the step that writes, signed. */
  go?: { key: TestKey; change?: JsonObject; namespace?: string; forge(fact: Fact): Fact[] }
  closing?: Made
  /** Lines of allowed_signers: who may sign with which key. */
  lines: [string, TestKey | undefined][]
}

/** A finished run of one approval and one command, signed and chained by whoever holds all these keys. */
export function approvedRun(keys: Keys, wanted: Wanted): Specimen {
  const { runner = people.alice, runnerKey = keys['alice'], approvers = [people.bob], min = 1 } = wanted
  const document = '# Release\n'
  const asked = wanted.presence === undefined ? {} : { presence: wanted.presence }
  const steps = [
    makeStep('go', 'approval', { attributes: { approvers: approvers.join(', '), min, ...asked } }),
    makeStep('ship', 'command'),
  ]
  const plan = makePlan(document, steps, wanted.plan)
  const spaces = Object.values(namespaces).join(',')
  const line = ([who, key]: [string, TestKey | undefined]): string =>
    `"${who}" namespaces="${spaces}" ${key?.line}\n`
  const specimen: Specimen = {
    run: '20261121-release-aaaa',
    plan,
    document,
    files: {},
    facts: [],
    before: [],
    signers: wanted.lines.map(line).join(''),
    ...(runnerKey ? { signing: { by: runner, key: runnerKey, namespace: namespaces.head } } : {}),
    ...(wanted.closing ? { closing: { by: wanted.closing.by, key: wanted.closing.key } } : {}),
  }
  let at = start
  const tell = (type: Fact['type'], key: string, data: Fact['data'] = {}): void => {
    at += 1000
    specimen.facts.push({ ts: at, type, key, by: runner, data })
  }
  specimen.facts.push(startFact(specimen, runner, at), ...(wanted.before ?? []))
  tell('step-started', 'go#1', { kind: 'approval', effect: 'none', title: 'Go' })
  for (const [index, { by, key, more, ...signed }] of wanted.decisions.entries()) {
    const topic = `go/${index + 1}`
    const request = requestFact(plan, topic, runner, (at += 1000), min)
    const { deadline } = wanted
    specimen.facts.push({
      ...request,
      data: { ...request.data, approvers, ...(deadline === undefined ? {} : { deadline }) },
    })
    const made = decide(specimen, topic, { by, key, at: (at += 1000), ...signed })
    specimen.facts.push({ ...made, data: { ...made.data, ...more } })
    at += 100
  }
  tell('step-ended', 'go#1', { status: 'passed', message: 'approved', outputs: {}, data: {} })
  tell('step-finished', 'go', { status: 'passed', message: 'approved', outputs: {} })
  if (wanted.go) {
    const act = { type: 'step-confirmed', key: 'ship#1/go', data: { answer: 'run', reason: '' } } as const
    specimen.facts.push(
      ...wanted.go.forge(sign(specimen, act, { by: runner, at: (at += 1000), ...wanted.go })),
    )
  }
  tell('step-started', 'ship#1', { kind: 'command', effect: 'write', title: 'Ship' })
  tell('step-ended', 'ship#1', outputData(specimen, 'steps/ship.1.stdout', 'shipped\n'))
  tell('step-finished', 'ship', { status: 'passed', message: 'exited with code 0', outputs: {} })
  tell('run-ended', '', { status: 'succeeded', message: 'All steps are done', step: '', counts: {} })
  return specimen
}

/** An act of the runner, signed. */
function sign(
  specimen: Specimen,
  act: Pick<Fact, 'type' | 'key' | 'data'>,
  made: { by: string; at: number; key: TestKey; change?: JsonObject; namespace?: string },
): Fact {
  const { events, lines } = eventsOf(specimen)
  const head = sha256(lines.at(-1) ?? '')
  const draft = actDraft({ act, by: made.by, events, head, nonce: `act ${act.key} ${made.at}` })
  const payload = canonical({ ...draft, ts: new Date(made.at).toISOString(), ...made.change })
  const sig = sshSign(made.key, made.namespace ?? namespaces.presence, payload)
  return { ts: made.at + 10, by: made.by, ...act, data: { ...act.data, payload, sig } }
}

/** Ways to write one address. */
export function spellingsOf(address: string): string[] {
  const [name = '', host = ''] = address.split('@')
  const wide = (text: string): string =>
    text.replaceAll(/[!-~]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0))
  const upper = name.at(0)?.toUpperCase() ?? ''
  return [
    address.toUpperCase(),
    `${upper}${name.slice(1)}@${host}`,
    `${name}@${host.toUpperCase()}`,
    `${name}@${host}.`,
    ` ${address}`,
    `${address} `,
    `${name} @${host}`,
    `Somebody <${address}>`,
    `<${address}>`,
    `${upper}${name.slice(1)} <${address.toUpperCase()}>`,
    wide(address),
    `${wide(name)}@${host}`,
    `${name}@${wide(host)}`,
    `${name}\u200b@${host}`,
    `${name}\u00ad@${host}`,
    `\ufeff${address}`,
    `${name}@${host}\u2060`,
    `${name}\u00a0@${host}`,
    `${name.replace('a', '\u0430')}@${host}`,
    `${name}@${host.replace('e', '\u0435')}`,
    `${name.replace('o', '\u03bf')}@${host.replace('x', '\u0445')}`,
    `${name}@${host.replace('.', '\u3002')}`,
    `${name}@${host.replace('e', '\u212e')}`,
  ]
}

/** Decisions by the wrong person, key, spelling or role: everything else about each run is in order. */
export function forgeries(keys: Keys): Forgery[] {
  const { alice, bob, carol, stranger } = keys
  const all: Forgery[] = []
  const add = (name: string, wanted: Wanted): void => {
    all.push({ name, specimen: approvedRun(keys, wanted) })
  }
  for (const other of spellingsOf(people.alice)) {
    const lines: Wanted['lines'] = [
      [people.alice, alice],
      [other, stranger],
    ]
    const role = { boss: [people.alice, other, people.bob] }
    const decisions = [{ by: other, key: stranger }]
    add(`the runner approves as ${JSON.stringify(other)}`, { approvers: [other], decisions, lines })
    add(`the runner has the role as ${JSON.stringify(other)}`, {
      approvers: ['boss'],
      plan: { people: role },
      decisions,
      lines,
    })
    add(`the approver ran it as ${JSON.stringify(other)}`, {
      runner: other,
      runnerKey: stranger,
      approvers: [people.alice],
      decisions: [{ by: people.alice, key: alice }],
      lines,
    })
    add(`the runner closes as ${JSON.stringify(other)}`, {
      decisions: [{ by: people.bob, key: bob }],
      lines: [...lines, [people.bob, bob]],
      closing: { by: other, key: stranger },
    })
  }
  for (const other of spellingsOf(people.bob))
    add(`one person approves twice, as ${JSON.stringify(other)} too`, {
      approvers: [people.bob, other],
      min: 2,
      decisions: [
        { by: people.bob, key: bob },
        { by: other, key: stranger },
      ],
      lines: [
        [people.alice, alice],
        [people.bob, bob],
        [other, stranger],
      ],
    })
  for (const other of ['al@example.com', 'alice', 'AL@example.com'])
    add(`the runner approves by the alias ${other}`, {
      approvers: ['boss'],
      plan: { people: { boss: [other, people.bob] }, aliases: { [spelling(other)]: people.alice } },
      decisions: [{ by: other, key: stranger }],
      lines: [
        [people.alice, alice],
        [other, stranger],
      ],
    })
  for (const by of [people.carol, 'mallory@example.com', 'boss', 'constructor', '__proto__'])
    add(`${by} approves without the role`, {
      approvers: ['boss'],
      plan: { people: { boss: [people.bob], qa: [people.carol] } },
      decisions: [{ by, key: stranger }],
      lines: [
        [people.alice, alice],
        [by, stranger],
      ],
    })
  for (const word of ['nobody', 'constructor', 'toString'])
    add(`the role ${word} that nobody has is approved`, {
      approvers: [word],
      plan: { people: { boss: [people.bob] } },
      decisions: [{ by: people.bob, key: bob }],
      lines: [
        [people.alice, alice],
        [people.bob, bob],
      ],
    })
  const shared: Wanted['lines'] = [
    [people.alice, alice],
    [people.bob, alice],
    [people.carol, carol],
  ]
  add('the key of the runner approves as another', {
    decisions: [{ by: people.bob, key: alice }],
    lines: shared,
  })
  add('the key of the runner approves by a wildcard', {
    decisions: [{ by: people.bob, key: alice }],
    lines: [['*@example.com', alice]],
  })
  add('one key approves as two', {
    approvers: [people.bob, people.carol],
    min: 2,
    decisions: [
      { by: people.bob, key: bob },
      { by: people.carol, key: bob },
    ],
    lines: [
      [people.alice, alice],
      [people.bob, bob],
      [people.carol, bob],
    ],
  })
  add('the key of the runner closes as another', {
    decisions: [{ by: people.carol, key: carol }],
    approvers: [people.carol],
    closing: { by: people.bob, key: alice },
    lines: shared,
  })
  add('the key of an approval closes as another', {
    decisions: [{ by: people.bob, key: bob }],
    closing: { by: people.carol, key: bob },
    lines: [
      [people.alice, alice],
      [people.bob, bob],
      [people.carol, bob],
    ],
  })
  add('the decision arrived after its deadline, though its own clock says otherwise', {
    deadline: start + 10_000,
    decisions: [{ by: people.bob, key: bob, more: { received: start + 10_001 } }],
    lines: [
      [people.alice, alice],
      [people.bob, bob],
    ],
  })
  for (const presence of ['touch', 'verified'] as const) {
    add(`a plain key decides where presence is ${presence}`, {
      plan: { presence },
      decisions: [{ by: people.bob, key: bob }],
      lines: [
        [people.alice, alice],
        [people.bob, bob],
      ],
    })
    add(`a plain key decides where the presence of the step is ${presence}`, {
      presence,
      decisions: [{ by: people.bob, key: bob }],
      lines: [
        [people.alice, alice],
        [people.bob, bob],
      ],
    })
  }
  const own = { alice: newSecurityKey(5), bob: newSecurityKey(5) }
  const present: Wanted = {
    plan: { presence: 'touch' },
    decisions: [{ by: people.bob, key: own.bob }],
    lines: [
      [people.alice, alice],
      [people.alice, own.alice],
      [people.bob, own.bob],
    ],
  }
  const forged: [string, Wanted['go']][] = [
    ['is missing', undefined],
    ['is by a plain key', { key: alice!, forge: (fact) => [fact] }],
    ['is by the key of the approver', { key: own.bob, forge: (fact) => [fact] }],
    [
      'was signed for another purpose',
      { key: own.alice, change: { purpose: 'confirm' }, forge: (fact) => [fact] },
    ],
    [
      'was signed as an approval',
      { key: own.alice, namespace: namespaces.approval, forge: (fact) => [fact] },
    ],
    ['was changed', { key: own.alice, forge: (fact) => [{ ...fact, data: { ...fact.data, reason: 'x' } }] }],
    [
      'is by somebody who did not run it',
      { key: own.alice, forge: (fact) => [{ ...fact, by: people.carol }] },
    ],
  ]
  for (const [name, go] of forged)
    add(`the go of the operator ${name}, where presence is touch`, { ...present, ...(go ? { go } : {}) })
  add('nobody signed the decision', { decisions: [{ by: people.bob, key: undefined }], lines: shared })
  add('a key that is not on the list signed the decision', {
    decisions: [{ by: people.bob, key: stranger }],
    lines: shared,
  })
  return all
}
