import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealedJournal } from './sealed-journal.ts'
import { JournalError } from '../../journal/record/journal-error.ts'
import { openJournal } from '../../journal/record/write-journal.ts'

const actor = { id: 'alice', host: 'h', via: 'runner' }
let folder = ''
const file = (): string => join(folder, 'run.jsonl')
const open = () => openSealedJournal(folder, 'r', () => {})

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-journal-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(): Buffer {
  for (const name of ['run.jsonl', 'head.json']) rmSync(join(folder, name), { force: true })
  const journal = openJournal(file(), { run: 'r' })
  journal.append('run-started', '', { slug: 's', n: 1 }, actor)
  journal.append('step-started', 'a#1', { text: 'ä "quoted"\n' }, actor)
  journal.append('step-ended', 'a#1', { status: 'passed' }, actor)
  writeFileSync(join(folder, 'head.json'), JSON.stringify({ size: 3, sha256: journal.head() }))
  journal.close()
  return readFileSync(file())
}

test('a last record torn at any byte is set aside, and the journal goes on', { timeout: 30_000 }, () => {
  const whole = write()
  rmSync(join(folder, 'head.json'))
  const lastStart = whole.lastIndexOf(0x0a, whole.length - 2) + 1
  for (let cut = lastStart; cut < whole.length; cut++) {
    writeFileSync(file(), whole.subarray(0, cut))
    const journal = open()
    expect(journal.events.length).toBe(2)
    journal.append('step-ended', 'a#1', { status: 'again' }, actor)
    journal.close()
    const reopened = open()
    expect(reopened.events.map(({ seq }) => seq)).toEqual([0, 1, 2])
    reopened.close()
    if (cut > lastStart) expect(readFileSync(`${file()}.torn-2`)).toEqual(whole.subarray(lastStart, cut))
    rmSync(`${file()}.torn-2`, { force: true })
  }
})

test('every single flipped byte is noticed before anything is appended', { timeout: 30_000 }, () => {
  const whole = write()
  for (let at = 0; at < whole.length; at++)
    for (const bit of [1 << (at % 8)]) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ bit
      writeFileSync(file(), flipped)
      expect(open, `byte ${at} ^ ${bit}`).toThrow(JournalError)
    }
  writeFileSync(file(), whole)
  open().close()
})

test('lines that are gone from the end are missed', () => {
  const whole = write()
  const lines = whole.toString('utf8').split('\n')
  writeFileSync(file(), `${lines.slice(0, 2).join('\n')}\n`)
  expect(open).toThrow(/changed or cut/)
})
