import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const checklist = '<Checklist id="ready" title="Ready">\n\n- [ ] Backups are there\n\n</Checklist>\n'
const asking = {
  'content/runbooks/one.mdx': page(commandStep('one', 'true'), 'inputs: { name: { type: string } }\n'),
}

test.runIf(hasTerminal)('words that are typed at a checklist, and Enter alone, tick nothing', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': page(checklist) })
  const terminal = onTerminal(space.root, ['exec', 'one'])
  // A question that was asked again is drawn whole; its last line comes when it takes keys.
  await terminal.sees('Enter: confirm')
  for (const typed of ['no', 'ok', 'hjkl', '']) {
    terminal.type(`${typed}${keys.enter}`)
    await terminal.sees('Enter: confirm')
  }
  terminal.type(keys.interrupt)
  expect((await terminal.ended).code).toBe(130)
  expect((await space.runbook(['log', 'last'])).stdout).not.toContain('task-answered')
})

test.runIf(hasTerminal)(
  'the end of the input at a question of a run leaves it waiting for its answer',
  async () => {
    using space = workspace({ 'content/runbooks/one.mdx': page(checklist) })
    const terminal = onTerminal(space.root, ['exec', 'one'])
    await terminal.sees('Backups are there')
    terminal.type(keys.end)
    const { code, screen } = await terminal.ended
    expect(code, screen).toBe(5)
    expect(screen).toContain('runbook resume')
    expect(screen).not.toContain('Warning')
  },
)

test.runIf(hasTerminal).each([
  ['Ctrl-C', keys.interrupt, 130, 'left without an answer'],
  ['the end of the input', keys.end, 5, 'The input ended'],
])('%s at the question for a missing input begins nothing', async (_, key, code, said) => {
  using space = workspace(asking)
  const terminal = onTerminal(space.root, ['exec', 'one'])
  await terminal.sees('name')
  terminal.type(key)
  const ended = await terminal.ended
  expect(ended.code, ended.screen).toBe(code)
  expect(ended.screen).toContain(said)
  expect(ended.screen).not.toMatch(/bug|Warning|    at /)
  expect(existsSync(join(space.root, '.runbook/runs'))).toBe(false)
})
