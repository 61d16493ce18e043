import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf, runIds } from '../../support/attack/attack.ts'
import { start } from '../../support/live.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const key = 'concurrency: production\n'
const release = page(
  `${commandStep('build', 'touch built')}<Approval id="go" title="Go" approvers="ben@example.com" />\n\n${commandStep('ship', 'touch shipped')}`,
  key,
)
const runbooks = {
  'content/runbooks/release.mdx': release,
  'content/runbooks/back.mdx': page(commandStep('back', 'touch back'), key),
  'content/runbooks/asks.mdx': page(
    `<Approval id="ok" title="Ok" approvers="ben@example.com" />\n\n${commandStep('other', 'true')}`,
    key,
  ),
}
const ben = { RUNBOOK_ACTOR: 'ben@example.com' }
const emergency = ['exec', 'back', '--yes', '--emergency', 'errors on green']

test('an emergency passes a run that waits for a decision, and both journals say so', async () => {
  using space = workspace(runbooks)
  expect((await space.runbook(['exec', 'release', '--yes'])).code).toBe(5)
  const [parked = ''] = runIds(space.root)
  const refused = await space.runbook(['exec', 'back', '--yes'])
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--emergency "why"')])
  const noReason = await space.runbook(['exec', 'back', '--yes', '--emergency', ' '])
  expect(noReason.code).toBe(1)
  const passed = await space.runbook(emergency)
  expect([passed.code, passed.stderr]).toEqual([0, expect.stringContaining(`past run ${parked}`)])
  const own = runIds(space.root).find((run) => run !== parked) ?? ''
  expect(eventsOf(space.root, own)[0]?.data['passed']).toMatchObject({
    run: parked,
    reason: 'errors on green',
  })
  expect(eventsOf(space.root, parked).at(-1)).toMatchObject({
    type: 'run-passed',
    data: { run: own, reason: 'errors on green' },
  })
  const after = await space.runbook(['exec', 'back', '--yes'])
  expect([after.code, after.stderr], 'the key is that of the run that waits again').toEqual([
    1,
    expect.stringContaining(parked),
  ])
  expect((await space.runbook(['approve', parked, 'go', '--yes'], ben)).code).toBe(0)
  expect((await space.runbook(['resume', parked, '--yes'])).code).toBe(0)
  for (const run of [own, parked]) expect((await space.runbook(['verify', run])).code, run).toBe(0)
  expect(existsSync(join(space.root, 'shipped'))).toBe(true)
})

test('an emergency that waits itself gives the key back when it has ended', async () => {
  using space = workspace(runbooks)
  expect((await space.runbook(['exec', 'release', '--yes'])).code).toBe(5)
  const [parked = ''] = runIds(space.root)
  expect((await space.runbook(['exec', 'asks', '--yes', '--emergency', 'now'])).code).toBe(5)
  const own = runIds(space.root).find((run) => run !== parked) ?? ''
  expect((await space.runbook(['resume', parked, '--yes'])).stderr).toContain(own)
  expect((await space.runbook(['approve', own, 'ok', '--yes'], ben)).code).toBe(0)
  expect((await space.runbook(['resume', own, '--yes'])).code).toBe(0)
  expect((await space.runbook(['exec', 'back', '--yes'])).stderr).toContain(parked)
  expect((await space.runbook(['resume', parked, '--yes'])).code).toBe(5)
})

test('an emergency does not pass a run that was stopped in the middle of a step', async () => {
  using space = workspace({
    ...runbooks,
    'content/runbooks/release.mdx': page(commandStep('long', 'sleep 60'), key),
  })
  const live = start(space.root, ['exec', 'release', '--yes', '--json'])
  await live.line('"step-started"')
  live.child.kill('SIGTERM')
  expect((await live.ended).code).toBe(143)
  const refused = await space.runbook(emergency)
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('which has not ended')])
  expect(existsSync(join(space.root, 'back'))).toBe(false)
})
