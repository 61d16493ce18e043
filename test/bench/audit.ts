import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { canonical } from '../../runner/journal/record/canonical.ts'
import { firstPrev } from '../../runner/journal/record/event.ts'
import { page, workspace } from '../support/workspace.ts'
import { budgetRow, interleave, ratioRow } from './measure.ts'
import type { Figure } from './measure.ts'
import type { Row } from './table.ts'

const few = 400
const some = 1600
const many = 10_000
/** Linear would be 4. */
const growth = 4.5
const auditMs = 6000
const listMs = 1500

/** Audits and lists state folders of several sizes. Each run in them is whole, and the audit finds nothing. */
export function auditing(packaged: string): Row[] {
  const [one] = figuresOf(packaged, few, 3)
  const [four] = figuresOf(packaged, some, 3)
  const [audit, list] = figuresOf(packaged, many, 1)
  return [
    ratioRow(`\`audit\` of ${some.toLocaleString('en')} runs`, four, one, growth),
    budgetRow(`\`audit\` of ${many.toLocaleString('en')} runs`, audit, auditMs),
    budgetRow(`\`runs\` of ${many.toLocaleString('en')}`, list, listMs),
  ]
}

function figuresOf(packaged: string, runs: number, rounds: number): [Figure, Figure] {
  using space = workspace({ 'content/runbooks/r.mdx': page('<Wait id="w" title="Wait" for="1ms" />\n') })
  const call = (...args: string[]) => [process.execPath, packaged, ...args] as [string, ...string[]]
  const [program, ...args] = call('exec', 'r', '--yes', '--quiet')
  const { status, stderr } = spawnSync(program, args, { cwd: space.root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`exec exited with ${status}: ${stderr}`)
  multiply(join(space.root, '.runbook'), runs)
  const [audit, list] = interleave(
    [
      { name: `\`audit\` of ${runs}`, command: call('audit'), cwd: space.root },
      { name: 'runs', command: call('runs'), cwd: space.root },
    ],
    rounds,
    1,
  )
  if (!audit || !list) throw new Error('nothing was measured')
  return [audit, list]
}

/** Makes so many runs of the one in a state folder, each with a chain and a place in the index of its own. */
function multiply(state: string, runs: number): void {
  const [name = ''] = readdirSync(join(state, 'runs'))
  const folder = join(state, 'runs', name)
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
  const files = ['document.mdx', 'plan.json'].map((file) => [file, read(file)] as const)
  const events = parsed(read('run.jsonl'))
  const [opened, ended] = parsed(readFileSync(join(state, 'heads.jsonl'), 'utf8'))
  const index = new Chain()
  const firstLine = events[0]
  if (!opened || !ended || !firstLine) throw new Error('the run is not in the index')
  for (let at = 0; at < runs; at++) {
    const run = at === 0 ? name : `${name.slice(0, -4)}${at.toString(36).padStart(4, '0')}`
    const journal = new Chain()
    for (const event of events) journal.add({ ...event, run })
    index.add({ ...opened, run, sha256: sha256(journal.lines[0] ?? '') })
    const { size, last: sha } = index
    const entry = { run, size: events.length, sha256: journal.last }
    const head = {
      by: ended['by'],
      final: true,
      v: 1,
      ts: ended['ts'],
      ...entry,
      index: { size, sha256: sha },
    }
    index.add({ ...ended, ...entry })
    mkdirSync(join(state, 'runs', run), { recursive: true })
    for (const [file, text] of [
      ...files,
      ['run.jsonl', journal.lines.join('')],
      ['head.json', `${canonical(head as never)}\n`],
    ] as const)
      writeFileSync(join(state, 'runs', run, file), text)
  }
  writeFileSync(join(state, 'heads.jsonl'), index.lines.join(''))
}

/** Lines of which each names the one before. */
class Chain {
  lines: string[] = []
  last = firstPrev
  get size(): number {
    return this.lines.length
  }
  add(entry: object): void {
    const line = `${canonical({ ...entry, seq: this.size, prev: this.last })}\n`
    this.lines.push(line)
    this.last = sha256(line)
  }
}

function parsed(lines: string): Record<string, unknown>[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
