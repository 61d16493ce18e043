import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { files, listRuns, runFolder } from './run-store.ts'

test('runs are listed newest first, also those of one second, and what never began is not', () => {
  const state = mkdtempSync(join(tmpdir(), 'runbook-store-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  const began = {
    '20261121-081502-zebra-aaaa': '{"ts":"2026-11-21T08:15:02.100Z"}\n',
    '20261121-081502-ant-bbbb': '{"ts":"2026-11-21T08:15:02.900Z"}\n',
    '20261121-081503-bee-cccc': '{"ts":"2026-11-21T08:15:03.000Z"}\n',
    '20261121-081502-broken-dddd': 'not JSON\n',
    '20261121-081504-cut-eeee': '{"ts":"2026-11-21T08:15:0',
  }
  for (const [run, text] of Object.entries(began)) {
    mkdirSync(runFolder(state, run), { recursive: true })
    writeFileSync(join(runFolder(state, run), files.journal), text)
  }
  expect(listRuns(state)).toEqual([
    '20261121-081503-bee-cccc',
    '20261121-081502-ant-bbbb',
    '20261121-081502-zebra-aaaa',
    '20261121-081502-broken-dddd',
  ])
})
