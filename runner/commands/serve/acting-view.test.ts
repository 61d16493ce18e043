import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { actingView } from './acting-view.ts'
import type { Viewing } from './acting-view.ts'
import type { Standing } from './standing.ts'

const folder = mkdtempSync(join(tmpdir(), 'runbook-view-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A run of alice that waits for a decision of bob or carol on step `go`. */
function standing(presence: string, practice = false): Standing {
  const approvers = ['bob@example.com', 'carol@example.com']
  const plan = { presence, aliases: {}, secrets: [], steps: [{ id: 'go', title: 'Go', attributes: {} }] }
  const actor = { id: 'alice@example.com' }
  const events = [
    { type: 'run-started', key: '', data: {}, actor, ts: '2026-11-20T08:14:00Z' },
    { type: 'approval-requested', key: 'go#1/approval', data: { approvers, min: 1, shown: 'Go' }, actor },
  ]
  const state = { run: 'X', status: 'waiting', actor, steps: new Map(), practice }
  return {
    stored: { plan, events, folder, state },
    isDriven: true,
    isStopping: false,
    watch: actor.id,
    asked: undefined,
  } as unknown as Standing
}

function approvalFor(standsAs: Standing, more: Partial<Viewing> = {}) {
  const viewing = {
    state: folder,
    base: '/',
    person: 'bob@example.com',
    token: () => '',
    isSignedIn: false,
    hasChanged: false,
    hasTeam: false,
    left: [],
    ...more,
  } as unknown as Viewing
  const [approval] = actingView(standsAs, viewing).approvals
  return { isDirect: approval?.isDirect, hindrance: approval?.hindrance }
}

test('an approval that asks for presence says which key signs it, where nobody has a passkey for the page', () => {
  for (const presence of ['touch', 'verified'])
    expect(approvalFor(standing(presence))).toEqual({
      isDirect: false,
      hindrance: `The step asks for presence \`${presence}\`: a passkey or a security key signs the decision.`,
    })
})

test('an approval without presence, and one in practice, is given by a button', () => {
  const direct = { isDirect: true, hindrance: undefined }
  expect(approvalFor(standing('none'))).toEqual(direct)
  expect(approvalFor(standing('verified', true))).toEqual(direct)
})

test('a person who signed in at a hub that lists keys hears where a decision without a passkey is signed', () => {
  const trust = { file: join(folder, 'none') } as unknown as Viewing['trust']
  expect(approvalFor(standing('none'), { isSignedIn: true, trust })).toEqual({
    isDirect: false,
    hindrance:
      'A passkey signs a decision here, and bob@example.com has none for this hub. Make one under Account, or decide on your own machine: `runbook approve X go --team`.',
  })
})

test('who runs it is told that they may not approve, before any key is asked for', () => {
  const { isDirect, hindrance } = approvalFor(standing('touch'), { person: 'alice@example.com' })
  expect(isDirect).toBe(false)
  expect(hindrance).toMatch(/alice@example\.com/)
  expect(hindrance).not.toContain('presence')
})
