import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { holderOf, takeLock } from '../../engine/lock.ts'
import { isReadable } from '../../pages/readable-run.ts'
import { remembering } from './run-changes.ts'

const run = '20261121-093244-release-updq'

test('a seal that is not yet in the index is read again when the process of its run has ended', async () => {
  const state = mkdtempSync(join(tmpdir(), 'run-changes-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  mkdirSync(join(state, 'runs'))
  cpSync('test/journals/v1/approved', join(state, 'runs', run), { recursive: true })
  rmSync(join(state, 'runs', run, 'heads.jsonl'))
  const index = readFileSync('test/journals/v1/approved/heads.jsonl', 'utf8')
  const lines = index.split('\n')
  const lock = takeLock(state, 'release')
  if (!('hold' in lock)) throw new Error('The key is taken')
  await lock.hold(holderOf(run, 'alice@example.com'))
  writeFileSync(join(state, 'heads.jsonl'), `${lines.slice(0, 1).join('\n')}\n`)

  const read = remembering(state, () => ({ check: undefined, source: 'none' }))
  const holds = (): boolean | undefined => {
    const reading = read(run)
    return isReadable(reading)
      ? reading.verification?.checks.every(({ status }) => status !== 'failed')
      : undefined
  }
  expect(holds()).toBe(false)
  writeFileSync(join(state, 'heads.jsonl'), index)
  lock.release(false)
  expect(holds()).toBe(true)
  const last = read(run)
  expect(read(run)).toBe(last)
})
