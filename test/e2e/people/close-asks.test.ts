import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runIds } from '../../support/attack/attack.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

test.runIf(hasTerminal)(
  'close shows the run and asks at a terminal; a run that is left stays open',
  async () => {
    using space = workspace({
      'content/runbooks/x.mdx': page(commandStep('act', 'true'), 'close: second-person\n'),
    })
    expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(0)
    const closing = join(space.root, '.runbook/runs', runIds(space.root)[0] ?? '', 'close.json')
    const env = { RUNBOOK_ACTOR: 'ben@example.com' }
    for (const [moves, code] of [
      [keys.down, 5],
      [keys.down + keys.down, 0],
    ] as const) {
      const terminal = onTerminal(space.root, ['close', 'last'], env)
      await terminal.sees('passed  act  Step act')
      await terminal.sees('as ben@example.com?')
      terminal.type(moves + keys.enter)
      expect((await terminal.ended).code).toBe(code)
      expect(existsSync(closing)).toBe(code === 0)
    }
  },
)

test('without a terminal, close of a second person takes --yes', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('act', 'true'), 'close: second-person\n'),
  })
  await space.runbook(['exec', 'x', '--yes'])
  const ben = { RUNBOOK_ACTOR: 'ben@example.com' }
  const { code, stderr } = await space.runbook(['close', 'last'], ben)
  expect([code, stderr]).toEqual([5, expect.stringMatching(/passed {2}act[\s\S]*close \S+ --yes/)])
  const quiet = await space.runbook(['close', 'last', '--json'], ben)
  expect([quiet.code, JSON.parse(quiet.stdout)]).toMatchObject([5, { by: { id: 'ben@example.com' } }])
  expect((await space.runbook(['verify', 'last'])).code).toBe(1)
  expect((await space.runbook(['close', 'last', '--yes'], ben)).code).toBe(0)
  expect((await space.runbook(['verify', 'last'])).code).toBe(0)
})
