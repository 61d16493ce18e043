import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import { scratchFolder } from '../../scratch-folder.ts'
import { sayEnd } from './say-end.ts'

/** The line about the signature of a run that has ended. */
function signatureLine(files: readonly string[], end: object = {}): string | undefined {
  using folder = scratchFolder('say-end')
  for (const file of files) {
    mkdirSync(join(folder.path, file, '..'), { recursive: true })
    writeFileSync(join(folder.path, file), '')
  }
  const notes: string[] = []
  const config = { state: folder.path, allowedSigners: join(folder.path, 'allowed_signers') }
  const io = { note: (text: string) => notes.push(text), style: (_: string, text: string) => text }
  sayEnd(
    config as Config,
    { run: 'r', secrets: [] },
    { type: 'ended', status: 'succeeded', message: 'All 2 steps are done', step: '', ...end } as never,
    { ...io, cwd: folder.path, program: 'runbook', quiet: false } as unknown as Io,
  )
  return notes
    .join('\n')
    .split('\n')
    .find((line) => /^ {2}(?:signed|UNSIGNED)/.test(line))
}

test.each([
  ['without a list of signers', [], {}, '  UNSIGNED nothing proves who made it: see RUNBOOK_SIGNING_KEY'],
  [
    'where allowed_signers asks for a signature',
    ['allowed_signers'],
    {},
    '  UNSIGNED and allowed_signers asks for a signature, so verify fails: see RUNBOOK_SIGNING_KEY',
  ],
  [
    'whose key did not sign',
    ['allowed_signers'],
    { unsigned: 'the agent is locked' },
    '  UNSIGNED the agent is locked; sign it later with: runbook close r',
  ],
  ['that is signed', ['runs/r/head.json.sig'], {}, '  signed   runbook verify r'],
])('the end of a run %s says so', (_, files, end, line) => {
  expect(signatureLine(files, end)).toBe(line)
})
