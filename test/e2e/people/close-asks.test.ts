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
