import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Event } from '../journal/record/event.ts'
import { files } from '../journal/record/run-store.ts'
import { shipping } from './shipment.ts'

const eventAt = (seq: number): Event => ({
  v: 1,
  seq,
  ts: '2026-11-30T00:00:00.000Z',
  type: seq === 0 ? 'run-started' : 'step-confirmed',
  run: 'r',
  key: `a#${seq}`,
  actor: { id: 'a', host: 'h', via: 'v' },
  data: { inputs: {}, steps: [] },
  prev: '',
})

test('a line is shipped only once it is on the disk: with the next one that is, or after a pause that syncs it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shipment-'))
  writeFileSync(join(folder, files.journal), '')
  const shipped: string[] = []
  const port = {
    ship: async (_run: string, _epoch: number, first: number, lines: readonly string[]) => {
      shipped.push(...lines)
      return first + lines.length
    },
    putFile: async () => {},
    events: async () => [],
  }
  const shipment = shipping({ port, run: 'r', epoch: 1, folder, before: [], onRefused: () => {} })
  shipment.add(eventAt(0), 'zero\n', false)
  await new Promise(setImmediate)
  expect(shipped).toEqual([])
  shipment.add(eventAt(1), 'one\n', true)
  await expect.poll(() => shipped).toEqual(['zero\n', 'one\n'])
  shipment.add(eventAt(2), 'two\n', false)
  await expect.poll(() => shipped).toEqual(['zero\n', 'one\n', 'two\n'])
  shipment.stop()
  rmSync(folder, { recursive: true })
})
