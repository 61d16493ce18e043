import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canonical } from '../../journal/record/canonical.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { files } from '../../journal/record/run-store.ts'
import type { TeamPort, TeamRun } from '../../team/port.ts'
import { teamChecks } from './team-checks.ts'

/** The failures of a run whose events have these epochs, without any takeover. */
async function failuresOf(epochs: readonly number[]): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'team-checks-'))
  let prev = '0'.repeat(64)
  const lines = epochs.map((epoch, seq) => {
    const line = canonical({
      v: 1,
      seq,
      ts: '2026-11-30T00:00:00.000Z',
      type: seq === 0 ? 'run-started' : 'run-resumed',
      run: 'r',
      key: '',
      actor: { id: 'a', host: 'h', via: 'v' },
      data: { epoch },
      prev,
    })
    prev = sha256(`${line}\n`)
    return `${line}\n`
  })
  writeFileSync(join(copy, files.journal), lines.join(''))
  try {
    const port = { takeovers: async () => [], answers: async () => [] } as unknown as TeamPort
    const row = { run: 'r', statement: '', signature: '' } as TeamRun
    const checks = await teamChecks({ port, row, copy, here: copy, check: undefined })
    return checks.filter(({ status }) => status === 'failed').map(({ message }) => message)
  } finally {
    rmSync(copy, { recursive: true })
  }
}

test('a run whose order another runner declined before has a later first epoch and lacks no takeover', async () => {
  expect(await failuresOf([2, 2])).toEqual([])
})

test('a run that changed its owner without a takeover in the database is noticed', async () => {
  expect((await failuresOf([1, 2])).join()).toContain('The journal has 1 takeovers, and the database 0')
})
