import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf, runIds } from '../support/attack/attack.ts'
import { commandStep, page, workspace } from '../support/workspace.ts'

const undo = '```bash undo always\nrm -f moved\n```\n'
const document = (faultAt = 'look'): string =>
  page(
    [
      commandStep('move', 'touch moved; echo "$where" > where', 'onFailure="rollback"', undo),
      '<Check id="look" title="Look" onFailure="rollback">\n\n```bash\ntest ! -f broken\n```\n\n</Check>\n',
    ].join('\n'),
    `inputs:
  where: { type: string, default: production }
drill:
  every: 90d
  inputs: { where: lab }
  prepare: rm -f broken moved; touch "prepared-$where"
  cleanup: touch cleaned
  faults:
    - { name: broken, at: ${faultAt}, run: touch broken }
`,
  )

test('a drill runs for real where the runbook says, with its faults, and is marked as practice', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': document() })
  const lapsed = await space.runbook(['check', 'x'])
  expect(lapsed.stdout).toContain('no drill yet, promised every 90d [drill-overdue]')
  expect((await space.runbook(['list'])).stdout).toContain('drill overdue: no drill yet')
  const ran = await space.runbook(['drill', 'x', '--fault', 'all', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Drill: rolled-back, as expected.')])
  expect(ran.stderr).toContain('Drill: succeeded, as expected.')
  expect(readFileSync(join(space.root, 'where'), 'utf8')).toBe('lab\n')
  expect(existsSync(join(space.root, 'prepared-lab')) && existsSync(join(space.root, 'cleaned'))).toBe(true)
  const runs = runIds(space.root)
  expect(runs).toHaveLength(2)
  for (const run of runs) expect(eventsOf(space.root, run)[0]?.data).toMatchObject({ practice: true })
  expect((await space.runbook(['check', 'x'])).stdout).not.toContain('drill-overdue')
  const due = await space.runbook(['drill', '--due', '--yes'])
  expect([due.code, due.stderr]).toEqual([0, expect.stringContaining('No promised drill is due.')])
})

test('a drill that ends in another way fails, and its environment is cleaned', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': document().replace('run: touch broken', 'run: ls') })
  const ran = await space.runbook(['drill', 'x', '--fault', 'broken', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([
    1,
    expect.stringContaining('Drill: succeeded, expected rolled-back.'),
  ])
  expect(existsSync(join(space.root, 'cleaned'))).toBe(true)
})

test('without a declared environment, with an unknown fault or a broken preparation, nothing runs', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'touch a')) })
  const undeclared = await space.runbook(['drill', 'x', '--yes'])
  expect([undeclared.code, undeclared.stderr]).toEqual([
    2,
    expect.stringContaining('does not say where it may be practised'),
  ])
  space.write('content/runbooks/x.mdx', document())
  const unknown = await space.runbook(['drill', 'x', '--fault', 'brokn', '--yes'])
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('The faults are broken.')])
  space.write('content/runbooks/x.mdx', document().replace('rm -f broken moved;', 'false;'))
  expect((await space.runbook(['drill', 'x', '--yes'])).code).toBe(1)
  space.write('content/runbooks/x.mdx', document('lok'))
  expect((await space.runbook(['check', 'x'])).stdout).toContain(
    'The fault `broken` is at step `lok`, which does not exist',
  )
  expect(runIds(space.root)).toEqual([])
})

test('`check --live` asks the steps that only read, without a run, and says which fail today', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      [
        '<Check id="find" title="Find" outputs="idle">\n\n```bash\necho "idle=green" >> "$RUNBOOK_OUTPUT"\n```\n\n</Check>\n',
        '<Check id="same" title="Same" expect="text == \'blue\'">\n\n```bash\necho "$idle"\n```\n\n</Check>\n',
        commandStep('write', 'touch written'),
        '<Check id="gone" title="Gone" until="1h">\n\n```bash\ntest -f nothing\n```\n\n</Check>\n',
      ].join('\n'),
    ),
  })
  const ran = await space.runbook(['check', 'x', '--live', '--json'])
  expect(ran.code, ran.stderr).toBe(1)
  expect(JSON.parse(ran.stdout)).toMatchObject({
    failed: 2,
    runbooks: [
      {
        runbook: 'x',
        steps: [
          { step: 'find', status: 'passed' },
          { step: 'same', status: 'failed', message: expect.stringContaining('`text` is "green"') },
          { step: 'write', status: 'not-asked', message: 'is a command step' },
          { step: 'gone', status: 'failed', message: 'exited with code 1' },
        ],
      },
    ],
  })
  expect(existsSync(join(space.root, 'written'))).toBe(false)
  expect(existsSync(join(space.root, '.runbook'))).toBe(false)
})
