import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { people, chainEntries, decide, eventsOf, put, startFact, writeSpecimen } from '../evidence.ts'
import type { Deciding, Fact, Keys, Specimen } from '../evidence.ts'
import { goodRun } from '../corpus.ts'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import { namespaces } from '../../../runner/journal/verify/evidence.ts'
import type { HeadEntry } from '../../../runner/journal/verify/rules/run-index.ts'

export interface Attack {
  name: string
  /** Writes a tampered bundle made from a good run that has an approval and is signed. */
  write(folder: string, specimen: Specimen, keys: Keys, seed: number): void
  /** What must say no. */
  check: string
  /** And why, where another rule of the same check might say no as well. */
  says?: string
}

const edit = (line: string): string => line.replace('"via":"runner"', '"via":"rumner"')
const at = (list: readonly unknown[], seed: number): number => 1 + (seed % (list.length - 2))
const indexOf = (facts: readonly Fact[], type: string): number =>
  facts.findIndex((fact) => fact.type === type)
const lastIndexOf = (facts: readonly Fact[], type: string): number =>
  facts.findLastIndex((fact) => fact.type === type)

/** The same of another attempt of the last step. */
const renumbered = (fact: Fact, by: number): Fact => ({
  ...fact,
  key: fact.key.replace(/^last#(\d+)/, (_, number) => `last#${Number(number) + by}`),
})

/** Writes it as the holder of alice's key would: facts changed, all hashed and signed again. */
const rewritten = (folder: string, specimen: Specimen, change: (facts: Fact[]) => Fact[]): void =>
  writeSpecimen({ ...specimen, facts: change(specimen.facts) }, folder)

/** Replaces the first approval by another decision, all else hashed and signed again. */
function withDecision(
  folder: string,
  specimen: Specimen,
  make: (earlier: Specimen, topic: string, at: number) => Fact,
): void {
  rewritten(folder, specimen, (facts) => {
    const place = indexOf(facts, 'approval-given')
    const old = facts[place] as Fact
    const forged = make({ ...specimen, facts: facts.slice(0, place) }, old.key, old.ts - 20)
    return [...facts.slice(0, place), forged, ...facts.slice(place + 1)].slice(0, facts.length)
  })
}

const bob = (keys: Keys, when: number, more: Partial<Deciding> = {}): Deciding => ({
  by: people.bob,
  key: keys['bob'],
  at: when,
  ...more,
})

const chainAttacks: Attack[] = [
  {
    name: 'a value is edited',
    check: 'chain',
    write: (folder, specimen, _, seed) =>
      writeSpecimen(specimen, folder, {
        lines: (all) => all.with(at(all, seed), edit(all[at(all, seed)] ?? '')),
      }),
  },
  {
    name: 'an event is deleted',
    check: 'chain',
    write: (folder, specimen, _, seed) =>
      writeSpecimen(specimen, folder, { lines: (all) => all.toSpliced(at(all, seed), 1) }),
  },
  {
    name: 'an event is inserted',
    check: 'chain',
    write: (folder, specimen, _, seed) =>
      writeSpecimen(specimen, folder, {
        lines: (all) => all.toSpliced(at(all, seed), 0, all[at(all, seed)] ?? ''),
      }),
  },
  {
    name: 'two events are swapped',
    check: 'chain',
    write: (folder, specimen, _, seed) =>
      writeSpecimen(specimen, folder, {
        lines: (all) =>
          all.toSpliced(at(all, seed), 2, all[at(all, seed) + 1] ?? '', all[at(all, seed)] ?? ''),
      }),
  },
  {
    name: 'the last line is torn',
    check: 'chain',
    write: (folder, specimen, _, seed) =>
      writeSpecimen(specimen, folder, {
        lines: (all) => [...all.slice(0, -1), (all.at(-1) ?? '').slice(0, -1 - (seed % 9))],
      }),
  },
  {
    name: 'a line is written in another form of the same JSON',
    check: 'chain',
    write: (folder, specimen) =>
      writeSpecimen(specimen, folder, { lines: (all) => [...all.slice(0, -1), ` ${all.at(-1)}`] }),
  },
  {
    name: 'a member is there twice',
    check: 'chain',
    write: (folder, specimen) =>
      writeSpecimen(specimen, folder, {
        lines: (all) => [...all.slice(0, -1), (all.at(-1) ?? '').replace('{', '{"v":2,')],
      }),
  },
  ...['1.0', '1e0', '10e-1', '1E+0', '-0', '9007199254740993', '1e999', '01'].map((number): Attack => ({
    name: `a number is written as ${number}, all hashed and signed again`,
    check: 'chain',
    write(folder, specimen) {
      const { lines } = eventsOf(specimen)
      const odd = (lines.at(-1) ?? '').replace('"data":{', `"data":{"count":${number},`)
      const headOf = [...lines.slice(0, -1), odd]
      writeSpecimen(specimen, folder, { lines: () => headOf, headOf })
    },
  })),
  {
    name: 'the tail is cut',
    check: 'head',
    write: (folder, specimen, _, seed) =>
      writeSpecimen(specimen, folder, { lines: (all) => all.slice(0, -1 - (seed % 3)) }),
  },
  {
    name: 'the tail is cut before the last approval and the head signed again',
    check: 'end',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) => facts.slice(0, lastIndexOf(facts, 'approval-given'))),
  },
  {
    name: 'the last approval is cut out, a success forged after it and the head signed again',
    check: 'approvals',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) =>
        facts.filter((_, index) => index !== lastIndexOf(facts, 'approval-given')),
      ),
  },
  {
    name: 'history before the approval is rewritten and the head signed again',
    check: 'approvals',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) =>
        facts.with(1, { ...(facts[1] as Fact), ts: (facts[1] as Fact).ts + 1 }),
      ),
  },
  {
    name: 'everything is hashed again and the head left as it was',
    check: 'head',
    write: (folder, specimen) => {
      const { lines } = eventsOf({
        ...specimen,
        facts: specimen.facts.map((fact) => ({ ...fact, ts: fact.ts + 5 })),
      })
      writeSpecimen(specimen, folder, { lines: () => lines })
    },
  },
  {
    name: 'everything is hashed again and the head written anew, unsigned',
    check: 'signature',
    write(folder, specimen) {
      const { signing: _, ...unsigned } = specimen
      writeSpecimen(unsigned, folder)
    },
  },
  {
    name: 'a forged event is well chained to the end',
    check: 'head',
    write(folder, specimen) {
      const last = specimen.facts.at(-1) as Fact
      const { lines } = eventsOf({ ...specimen, facts: [...specimen.facts, { ...last, ts: last.ts + 5 }] })
      writeSpecimen(specimen, folder, { lines: () => lines })
    },
  },
  {
    name: 'the clock is set back in mid-run',
    check: 'clock',
    write: (folder, specimen, _, seed) =>
      rewritten(folder, specimen, (facts) =>
        facts.with(at(facts, seed), {
          ...(facts[at(facts, seed)] as Fact),
          ts: (facts[at(facts, seed) - 1] as Fact).ts - 3_600_000,
        }),
      ),
  },
]

const fileAttacks: Attack[] = [
  {
    name: 'an output file is changed',
    check: 'outputs',
    write(folder, specimen) {
      writeSpecimen(specimen, folder)
      put(folder, Object.keys(specimen.files)[0] ?? '', 'all is well\n')
    },
  },
  {
    name: 'two output files are swapped',
    check: 'outputs',
    write(folder, specimen) {
      const [a = '', b = ''] = [Object.keys(specimen.files)[0], Object.keys(specimen.files).at(-1)]
      writeSpecimen(specimen, folder)
      put(folder, a, specimen.files[b] ?? '')
      put(folder, b, specimen.files[a] ?? '')
    },
  },
  {
    name: 'an output file is taken away',
    check: 'outputs',
    write(folder, specimen) {
      const [gone, ...rest] = Object.entries(specimen.files)
      writeSpecimen({ ...specimen, files: Object.fromEntries(gone ? rest : []) }, folder)
    },
  },
  ...['step-1/2/stdout', 'step-1.2.stdout', 'step-1.2.stderr', 'step-1.1.cast'].map((file): Attack => ({
    name: `an output file is added: ${file}`,
    check: 'outputs',
    write(folder, specimen) {
      writeSpecimen(specimen, folder)
      put(folder, `steps/${file}`, 'also fine\n')
    },
  })),
  {
    name: 'the document is swapped',
    check: 'document',
    write: (folder, specimen) =>
      writeSpecimen({ ...specimen, document: `${specimen.document}more\n` }, folder),
  },
  {
    name: 'the plan is swapped',
    check: 'plan',
    write: (folder, specimen) =>
      writeSpecimen({ ...specimen, plan: { ...specimen.plan, selfApproval: true } }, folder),
  },
  {
    name: 'the head is missing',
    check: 'head',
    write(folder, specimen) {
      writeSpecimen(specimen, folder)
      put(folder, 'head.json', '')
    },
  },
  {
    name: 'the list of signers is swapped for one with another key',
    check: 'signers',
    write(folder, specimen, keys) {
      writeSpecimen(specimen, folder)
      put(folder, 'allowed_signers', `${specimen.signers}${people.alice} ${keys['stranger']?.line}\n`)
    },
  },
]

const keyAttacks: Attack[] = [
  {
    name: 'a stranger signs the head',
    check: 'signature',
    write: (folder, specimen, keys) =>
      writeSpecimen(
        { ...specimen, signing: { by: people.alice, key: keys['stranger']!, namespace: namespaces.head } },
        folder,
      ),
  },
  {
    name: 'the right key signs the head for another purpose',
    check: 'signature',
    write: (folder, specimen, keys) =>
      writeSpecimen(
        { ...specimen, signing: { by: people.alice, key: keys['alice']!, namespace: namespaces.approval } },
        folder,
      ),
  },
  {
    name: 'an approver signs the head',
    check: 'signature',
    write: (folder, specimen, keys) =>
      writeSpecimen(
        { ...specimen, signing: { by: people.alice, key: keys['bob']!, namespace: namespaces.head } },
        folder,
      ),
  },
  {
    name: 'the key of the head had expired',
    check: 'signature',
    write: (folder, specimen) => expired(folder, specimen, 'alice'),
  },
  {
    name: 'the key of an approver had expired',
    check: 'signature',
    write: (folder, specimen) => expired(folder, specimen, 'bob'),
  },
  {
    name: 'the key of an approver is revoked',
    check: 'signature',
    write(folder, specimen, keys) {
      writeSpecimen(specimen, folder)
      put(folder, 'revoked_keys', `${keys['bob']?.line}\n`)
    },
  },
  {
    name: 'the signature of the head is garbage',
    check: 'signature',
    write(folder, specimen) {
      writeSpecimen(specimen, folder)
      put(folder, 'head.json.sig', '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n')
    },
  },
]

/** The list itself says until when a key counts; the run is bound to the list, so the first event says the new one. */
function expired(folder: string, specimen: Specimen, who: string): void {
  const signers = (specimen.signers ?? '').replace(
    `${who}@example.com `,
    `${who}@example.com valid-before="20261120",`,
  )
  const { plan } = specimen
  const facts = specimen.facts.with(0, startFact({ plan, signers }, people.alice, specimen.facts[0]?.ts ?? 0))
  const place = indexOf(facts, 'approval-given')
  writeSpecimen({ ...specimen, signers, facts: specimen.facts.slice(0, 1) }, folder)
  const earlier = { ...specimen, signers, facts: facts.slice(0, place) }
  const old = facts[place] as Fact
  const again = decide(earlier, old.key, { by: people.bob, key: expiredKeys.get(specimen), at: old.ts - 20 })
  writeSpecimen({ ...specimen, signers, facts: [...earlier.facts, again, ...facts.slice(place + 1)] }, folder)
}
/** Bob's key by specimen: an expired key still signs well. */
const expiredKeys = new WeakMap<Specimen, NonNullable<Keys[string]>>()

const approvalAttacks: Attack[] = [
  {
    name: 'the runner approves their own run',
    check: 'approvals',
    says: 'nobody approves their own run',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, { by: people.alice, key: keys['alice'], at: when }),
      ),
  },
  {
    name: 'somebody who is not named approves',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, { by: 'dave@example.com', key: keys['stranger'], at: when }),
      ),
  },
  {
    name: 'one person signs in two roles',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      rewritten(folder, specimen, (facts) => {
        const place = indexOf(facts, 'approval-requested')
        const [request, given] = [facts[place] as Fact, facts[indexOf(facts, 'approval-given')] as Fact]
        const other = { ...request, key: 'safe/1', data: { ...request.data, approvers: ['security'] } }
        const made: Specimen = { ...specimen, facts: [...facts.slice(0, place), other] }
        made.facts = [...made.facts, decide(made, 'safe/1', bob(keys, request.ts)), request]
        const again = decide(made, given.key, bob(keys, given.ts))
        return [...made.facts, again, ...facts.slice(indexOf(facts, 'approval-given') + 1)]
      }),
  },
  {
    name: 'the approval is skipped and what it guards is run',
    check: 'order',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) => {
        const kept = facts.filter(({ type, key }) => !type.startsWith('approval-') && key !== 'go#1')
        return kept.map((fact) =>
          fact.type === 'step-finished' && fact.key === 'go'
            ? { ...fact, data: { ...fact.data, status: 'skipped' } }
            : fact,
        )
      }),
  },
  {
    name: 'an approval is replayed from another run',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { change: { run: 'another' } })),
      ),
  },
  {
    name: 'an approval is replayed from another plan',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { change: { planSha256: sha256('another') } })),
      ),
  },
  {
    name: 'an approval is replayed from another step',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { change: { step: 'step-1', topic: 'step-1/1' } })),
      ),
  },
  {
    name: 'an approval was for other inputs',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { change: { inputsSha256: sha256('{}') } })),
      ),
  },
  {
    name: 'something else was shown to the approver',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { change: { shownSha256: sha256('harmless') } })),
      ),
  },
  {
    name: 'an approval was made before it was asked for',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) => {
        const first = eventsOf(earlier).lines[0] ?? ''
        return decide(
          earlier,
          topic,
          bob(keys, when, { change: { head: { size: 1, sha256: sha256(first) } } }),
        )
      }),
  },
  {
    name: 'an approval is dated back',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { change: { ts: '2026-01-01T00:00:00.000Z' } })),
      ),
  },
  {
    name: 'a stranger approves in the name of an approver',
    check: 'signature',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { key: keys['stranger'] })),
      ),
  },
  {
    name: 'an approver signs for another purpose',
    check: 'signature',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob(keys, when, { namespace: namespaces.head })),
      ),
  },
  {
    name: 'an approval is not signed',
    check: 'signature',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) =>
        decide(earlier, topic, bob({ ...keys }, when, { key: undefined })),
      ),
  },
  {
    name: 'a rejection is turned into an approval',
    check: 'approvals',
    write: (folder, specimen, keys) =>
      withDecision(folder, specimen, (earlier, topic, when) => {
        const no = decide(earlier, topic, bob(keys, when, { decision: 'rejected' }))
        return { ...no, type: 'approval-given', data: { ...no.data, decision: 'approved' } }
      }),
  },
  {
    name: 'a step begins before its approval',
    check: 'order',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) => {
        const began = facts.find(({ type, key }) => type === 'step-started' && key === 'last#1') as Fact
        const place = indexOf(facts, 'approval-requested')
        return facts
          .filter((fact) => fact !== began)
          .toSpliced(place, 0, { ...began, ts: facts[place]?.ts ?? 0 })
      }),
  },
  {
    name: 'the failed first attempt of a step is removed and the second left',
    check: 'order',
    says: 'Attempt `last#2` began, and attempt 1 has no end before it',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) => facts.map((fact) => renumbered(fact, 1))),
  },
  {
    name: 'an attempt between two others is removed',
    check: 'order',
    says: 'Attempt `last#3` began, and attempt 2 has no end before it',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) =>
        facts.flatMap((fact) => {
          if (fact.type !== 'step-started' || fact.key !== 'last#1') return [renumbered(fact, 2)]
          const failure = { status: 'failed', message: 'exited with code 1', outputs: {}, data: {} }
          return [fact, { ...fact, type: 'step-ended', data: failure }, renumbered(fact, 2)]
        }),
      ),
  },
  {
    name: 'an attempt is numbered from 0',
    check: 'order',
    says: 'Attempt `last#0` has no number: attempts are numbered from 1',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) => facts.map((fact) => renumbered(fact, -1))),
  },
  {
    name: 'the failed first attempt of an undo is removed',
    check: 'order',
    says: 'Undo attempt `last#2` began, and attempt 1 has no end before it',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) => {
        const end = facts.at(-1) as Fact
        const undo = { ...end, key: 'last#2', data: { status: 'passed' } }
        return [
          ...facts.slice(0, -1),
          { ...end, type: 'rollback-started', data: { step: 'last', reason: 'taken back' } },
          { ...undo, type: 'undo-started' },
          { ...undo, type: 'undo-ended' },
          { ...end, data: { ...end.data, status: 'rolled-back' } },
        ]
      }),
  },
  {
    name: 'the only attempt of a step that passed is removed',
    check: 'order',
    says: 'Step `step-1` passed without an attempt',
    write(folder, specimen) {
      const isOthers = (name: string): boolean => !name.startsWith('steps/step-1.')
      const files = Object.fromEntries(Object.entries(specimen.files).filter(([name]) => isOthers(name)))
      rewritten(folder, { ...specimen, files }, (facts) =>
        facts.filter(({ key }) => !key.startsWith('step-1#')),
      )
    },
  },
  {
    name: 'a request nobody made is approved',
    check: 'approvals',
    write: (folder, specimen) =>
      rewritten(folder, specimen, (facts) =>
        facts.filter((_, index) => index !== indexOf(facts, 'approval-requested')),
      ),
  },
]

const othersOf = (specimen: Specimen, seed: number): HeadEntry[] =>
  specimen.before.length > 0 ? specimen.before : goodRunWithOthers(seed)
const goodRunWithOthers = (seed: number): HeadEntry[] => {
  for (let other = seed + 1; ; other++) {
    const { before } = goodRun(other, {}, { signed: false })
    if (before.length > 0) return before
  }
}

const indexAttacks: Attack[] = [
  {
    name: 'an earlier run is taken out of the index and the index hashed again',
    check: 'index',
    write: (folder, specimen, _, seed) =>
      writeSpecimen({ ...specimen, before: othersOf(specimen, seed) }, folder, {
        index: (entries) => entries.slice(1),
      }),
  },
  {
    name: 'the index knows a later state of the run',
    check: 'index',
    write: (folder, specimen) =>
      writeSpecimen(specimen, folder, {
        index: (entries) => [
          ...entries,
          { ...(entries.at(-1) as HeadEntry), size: 999, sha256: sha256('later') },
        ],
      }),
  },
  {
    name: 'the run is not in the index',
    check: 'index',
    write: (folder, specimen) =>
      writeSpecimen(specimen, folder, {
        index: (entries) =>
          entries.map((entry) => (entry.run === specimen.run ? { ...entry, run: 'other' } : entry)),
      }),
  },
  {
    name: 'a line of the index is edited',
    check: 'index',
    write(folder, specimen, _, seed) {
      const before = othersOf(specimen, seed)
      writeSpecimen({ ...specimen, before }, folder)
      const entries = chainEntries(before)
      put(folder, 'heads.jsonl', `${JSON.stringify({ ...entries[0], by: 'nobody' })}\n`)
    },
  },
  {
    name: 'the last line of the index, which no other holds, names another person',
    check: 'index',
    write(folder, specimen) {
      writeSpecimen(specimen, folder)
      const lines = readFileSync(join(folder, 'heads.jsonl'), 'utf8').trimEnd().split('\n')
      const last = (lines.pop() ?? '').replace(/"by":"[^"]*"/, '"by":"nobody@example.com"')
      put(folder, 'heads.jsonl', `${[...lines, last].join('\n')}\n`)
    },
  },
]

const closingAttacks: Attack[] = [
  {
    name: 'nobody closed a run that asks for it',
    check: 'closing',
    write(folder, _, keys, seed) {
      const { closing: __, ...open } = closedRun(keys, seed)
      writeSpecimen(open, folder)
    },
  },
  {
    name: 'the runner closes their own run',
    check: 'closing',
    write: (folder, _, keys, seed) =>
      writeSpecimen({ ...closedRun(keys, seed), closing: { by: people.alice, key: keys['alice'] } }, folder),
  },
  {
    name: 'a stranger closes the run',
    check: 'signature',
    write: (folder, _, keys, seed) =>
      writeSpecimen(
        { ...closedRun(keys, seed), closing: { by: people.carol, key: keys['stranger'] } },
        folder,
      ),
  },
  {
    name: 'the closing is of another state of the run',
    check: 'closing',
    write(folder, _, keys, seed) {
      const closed = closedRun(keys, seed)
      writeSpecimen(closed, folder)
      const again = {
        ...closed,
        facts: closed.facts.map((fact, index) =>
          index < closed.facts.length - 1 ? fact : { ...fact, ts: fact.ts + 1 },
        ),
      }
      const { closing: __, ...reopened } = again
      writeSpecimen(reopened, folder)
    },
  },
]

/** A signed run with an approval whose runbook asks for a second person. */
function closedRun(keys: Keys, seed: number): Specimen {
  for (let other = seed; ; other++) {
    const specimen = goodRun(other, keys, { approval: true, signed: true })
    if (specimen.closing) return specimen
  }
}

export const attacks: readonly Attack[] = [
  ...chainAttacks,
  ...fileAttacks,
  ...keyAttacks,
  ...approvalAttacks,
  ...indexAttacks,
  ...closingAttacks,
]

/** Writes attack number `seed` of an endless list. */
export function writeAttack(folder: string, attack: Attack, keys: Keys, seed: number): void {
  const specimen = goodRun(seed, keys, { approval: true, signed: true })
  if (keys['bob']) expiredKeys.set(specimen, keys['bob'])
  attack.write(folder, specimen, keys, seed)
}
