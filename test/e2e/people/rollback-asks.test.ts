import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

test.runIf(hasTerminal)(
  'rollback shows the undo and asks at a terminal; only the choice undoes it',
  async () => {
    const undo = '\n```bash undo\necho undone >> effects\n```\n'
    using space = workspace({
      'content/runbooks/x.mdx': page(
        commandStep('act', 'echo done >> effects', '', undo) + commandStep('fail', 'exit 1'),
      ),
    })
    expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(1)
    const effects = () => readFileSync(join(space.root, 'effects'), 'utf8')
    for (const [moves, code, left] of [
      [keys.down, 5, 'done\n'],
      [keys.down + keys.down, 0, 'done\nundone\n'],
    ] as const) {
      const terminal = onTerminal(space.root, ['rollback', 'last'], {})
      await terminal.sees('echo undone >> effects')
      await terminal.sees('Roll back')
      terminal.type(moves + keys.enter)
      expect((await terminal.ended).code).toBe(code)
      expect(effects()).toBe(left)
    }
  },
)
