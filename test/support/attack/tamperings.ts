import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonical } from '../../../runner/journal/record/canonical.ts'
import { firstPrev } from '../../../runner/journal/record/event.ts'
import { documentText, namespaces } from '../../../runner/journal/verify/evidence.ts'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import type { JsonObject } from '../../../runner/model/values/json.ts'
import { asText } from '../../../runner/model/values/json.ts'
import { random } from '../corpus.ts'
import type { Random } from '../corpus.ts'
import { sshSign } from '../sshsig.ts'
import type { TestKey } from '../sshsig.ts'

/** A run in a state folder of its own, and the key that its runner holds. */
export interface Target {
  state: string
  run: string
  runnerKey: TestKey
}

export interface Tampering {
  name: string
  /** Whether it was hashed and signed again by whoever holds the runner's key. */
  keyed: boolean
  /**
   * What the documentation names as what this evidence cannot show. `after`: the holder of the runner's key changed what came
   * after the last approval alone. `plan`: they left a step out of the plan, which the recipe cannot see.
   */
  named?: 'after' | 'plan'
}

const folderOf = ({ state, run }: Target): string => join(state, 'runs', run)
const fileOf = (target: Target, name: string): string => join(folderOf(target), name)
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n')

/** Changes one thing at random, as somebody does who can write to the state folder. */
export function tamper(target: Target, seed: number): Tampering {
  const next = random(seed)
  return next(2) === 0 ? withoutKey(target, next) : withKey(target, next)
}

/** Bytes or lines of one of the files that are evidence. */
function withoutKey(target: Target, next: Random): Tampering {
  const steps = readdirSync(fileOf(target, 'steps')).map((name) => `steps/${name}`)
  const printed = steps.filter(
    (name) => /std(out|err)$/.test(name) && readFileSync(fileOf(target, name)).length > 0,
  )
  const names = [
    'run.jsonl',
    'plan.json',
    'document.mdx',
    'head.json',
    'head.json.sig',
    'allowed_signers',
    ...printed,
  ]
  const name = names[next(names.length)] ?? ''
  const file = next(8) === 0 ? join(target.state, 'heads.jsonl') : fileOf(target, name)
  const change = changes[next(changes.length)] ?? changes[0]!
  const before = readFileSync(file)
  const after = change.make(before, next)
  // A signature with other line breaks is the same signature.
  const same = (bytes: Buffer): string =>
    bytes.toString('latin1').replaceAll(name.endsWith('.sig') ? /\s/g : /\s+$/g, '')
  if (same(after) === same(before)) after[0] = (after[0] ?? 0) ^ 1
  writeFileSync(file, after)
  return { name: `${file.slice(target.state.length + 1)}: ${change.name}`, keyed: false }
}

const changes: { name: string; make(bytes: Buffer, next: Random): Buffer }[] = [
  {
    name: 'one bit is flipped',
    make(bytes, next) {
      const changed = Buffer.from(bytes)
      const at = next(bytes.length)
      changed[at] = (changed[at] ?? 0) ^ (1 << next(7))
      return changed
    },
  },
  {
    name: 'a part is cut out',
    make(bytes, next) {
      const from = next(bytes.length)
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + next(40))])
    },
  },
  { name: 'the end is cut off', make: (bytes, next) => bytes.subarray(0, next(bytes.length)) },
  {
    name: 'a part is there twice',
    make(bytes, next) {
      const from = next(bytes.length)
      return Buffer.concat([bytes.subarray(0, from + 1), bytes.subarray(from)])
    },
  },
  {
    name: 'whole lines are taken away',
    make(bytes, next) {
      const lines = bytes.toString('utf8').split('\n')
      return Buffer.from(lines.toSpliced(next(lines.length), 1 + next(3)).join('\n'))
    },
  },
]

/** Changes facts of the journal, or the plan, then hashes and signs all of it anew. */
function withKey(target: Target, next: Random): Tampering {
  const events = linesOf(fileOf(target, 'run.jsonl')).map((line) => JSON.parse(line) as JsonObject)
  const last = events.findLastIndex(({ type }) => type === 'approval-given')
  const { payload = '' } = (events[last]?.['data'] ?? {}) as { payload?: string }
  // An approver's signature fixes the events that were there when they decided.
  const { size: fixed } = (JSON.parse(payload) as { head: { size: number } }).head
  const at = 1 + next(events.length - 2)
  const choice = next(4)
  let name = ''
  let named: Tampering['named']
  let changed = events
  if (choice === 0) {
    name = `event ${at} is taken out`
    changed = events.toSpliced(at, 1)
    if (at >= fixed) named = 'after'
  } else if (choice === 1) {
    name = `event ${at} says something else`
    const event = events[at] ?? {}
    const data = { ...(event['data'] as JsonObject), message: 'all is well', status: 'passed' }
    changed = events.with(at, { ...event, data })
    if (at >= fixed) named = 'after'
  } else if (choice === 2) {
    name = 'the end is cut off before the last approval, and another written'
    changed = [...events.slice(0, Math.min(at, last)), events.at(-1) ?? {}]
  } else {
    name = 'a step is left out of plan and journal'
    changed = withoutStep(target, events, next)
    named = 'plan'
  }
  rewrite(target, changed)
  return { name, keyed: true, ...(named ? { named } : {}) }
}

/** Leaves a step out of plan and journal, hashed and signed again by the holder of the runner's key. */
export function leaveOut(target: Target, place: number): void {
  const events = linesOf(fileOf(target, 'run.jsonl')).map((line) => JSON.parse(line) as JsonObject)
  rewrite(
    target,
    withoutStep(target, events, () => place),
  )
}

function withoutStep(target: Target, events: readonly JsonObject[], next: Random): JsonObject[] {
  const file = fileOf(target, 'plan.json')
  const plan = JSON.parse(readFileSync(file, 'utf8')) as JsonObject & { steps: JsonObject[] }
  const place = next(plan.steps.length)
  const gone = asText(plan.steps[place]?.['id'])
  const steps = plan.steps.toSpliced(place, 1)
  const text = canonical({ ...plan, steps })
  writeFileSync(file, text)
  const [first, ...rest] = events.filter(({ key }) => !new RegExp(`^${gone}([#/]|$)`).test(asText(key)))
  for (const name of readdirSync(fileOf(target, 'steps')))
    if (name.startsWith(`${gone}.`)) rmSync(fileOf(target, `steps/${name}`))
  const data = {
    ...(first?.['data'] as JsonObject),
    planSha256: sha256(text),
    steps: steps.map(({ id }) => id ?? ''),
  }
  return [{ ...first, data }, ...rest]
}

/** Hashes the events, signs the head, and writes the newest lines of the index anew. */
function rewrite(target: Target, events: readonly JsonObject[]): void {
  const lines: string[] = []
  for (const [seq, event] of events.entries())
    lines.push(
      `${canonical({ ...event, seq, prev: seq === 0 ? firstPrev : sha256(lines[seq - 1] ?? '') })}\n`,
    )
  writeFileSync(fileOf(target, 'run.jsonl'), lines.join(''))
  const index = join(target.state, 'heads.jsonl')
  const entries: string[] = []
  for (const line of linesOf(index)) {
    const entry = JSON.parse(line) as JsonObject
    const mine = entry['run'] === target.run
    const size = entry['final'] === true ? lines.length : Math.min(Number(entry['size']), lines.length)
    const own = mine ? { size, sha256: sha256(lines[size - 1] ?? '') } : {}
    const prev = entries.length === 0 ? firstPrev : sha256(entries.at(-1) ?? '')
    if (mine && entry['final'] === true) writeHead(target, lines, { size: entries.length, sha256: prev })
    entries.push(`${canonical({ ...entry, ...own, prev })}\n`)
  }
  writeFileSync(index, entries.join(''))
}

function writeHead(target: Target, lines: readonly string[], index: JsonObject): void {
  const old = JSON.parse(readFileSync(fileOf(target, 'head.json'), 'utf8')) as JsonObject
  const head = documentText({ ...old, size: lines.length, sha256: sha256(lines.at(-1) ?? ''), index })
  writeFileSync(fileOf(target, 'head.json'), head)
  writeFileSync(fileOf(target, 'head.json.sig'), sshSign(target.runnerKey, namespaces.head, head))
}
