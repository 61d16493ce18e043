import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { realRun } from '../../support/attack/real-run.ts'
import { leaveOut } from '../../support/attack/tamperings.ts'
import { allowedSigners, makeKeys } from '../../support/evidence.ts'
import { workspace } from '../../support/workspace.ts'

test.each([
  ['build', 0],
  ['the approval', 1],
  ['ship', 2],
])(
  'a run from which the holder of its key left %s out does not verify, for its document has it',
  async (_, place) => {
    using space = workspace({})
    const keys = makeKeys()
    const state = join(space.root, '.runbook')
    const run = await realRun(state, keys)
    writeFileSync(join(space.root, 'allowed_signers'), allowedSigners(keys))
    expect((await space.runbook(['verify', run])).code).toBe(0)
    leaveOut({ state, run, runnerKey: keys['alice']! }, place)
    const { code, stdout } = await space.runbook(['verify', run])
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /plan\.json is not the plan that document\.mdx leads to: step `(?:build|go|ship)` is missing/,
      ),
    ])
    expect((await space.runbook(['audit'])).code).toBe(1)
  },
)
