import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fold } from '../fold.ts'
import { readRun } from '../record/run-store.ts'
import type { StoredRun } from '../record/run-store.ts'
import { tell } from '../story/story.ts'
import { intotoStatement } from './intoto.ts'
import { markdownReport } from './markdown-report.ts'
import { statement } from './statement.ts'

/** A recorded run as if an agent had started and approved it. */
function ofAgent(): StoredRun {
  const state = mkdtempSync(join(tmpdir(), 'agent-run-'))
  cpSync('test/journals/v1/rolled-back', join(state, 'runs/rolled-back'), { recursive: true })
  const stored = readRun(state, 'rolled-back')
  rmSync(state, { recursive: true })
  const events = stored.events.map((event, index) => ({
    ...event,
    actor: { ...event.actor, via: 'agent' as const, client: 'helper' },
    data:
      index === 0 ? { ...event.data, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } : event.data,
  }))
  return { ...stored, events, state: fold(events) }
}

test('every export names the agent through which a run was started and decided, and in-toto the trace', () => {
  const stored = ofAgent()
  const { events, plan } = stored
  const { predicate } = intotoStatement(stored, '0'.repeat(64)) as { predicate: Record<string, unknown> }
  expect(predicate).toMatchObject({
    agent: 'helper',
    traceparent: expect.stringContaining('00-aaaa') as string,
  })
  for (const decision of predicate['decisions'] as object[])
    expect(decision).toMatchObject({ agent: 'helper' })
  const verification = { run: stored.state.run, ok: true, signed: true, verified: true, checks: [] } as never
  const report = { ...tell(events, plan, stored.state), steps: [], verification }
  const page = statement(events, JSON.stringify(plan), verification)
  expect(page).toMatch(/\| Started \| \S+ by \S+, through the agent helper on /)
  expect(markdownReport(report)).toContain(', through the agent helper on ')
})
