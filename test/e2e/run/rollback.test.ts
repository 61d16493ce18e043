import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const undo = (script: string): string => `\n\`\`\`bash undo\n${script}\n\`\`\`\n`
const done = (script: string): string => `\n\`\`\`bash done\n${script}\n\`\`\`\n`
const first = commandStep('a', 'true', '', undo('echo a >> undone'))

function undone(space: Workspace): string {
  return readFileSync(join(space.root, 'undone'), 'utf8')
}

test('a failed step is undone with the others when its `done` fence says that it took effect', async () => {
  const half = commandStep(
    'b',
    'touch effect; exit 1',
    'onFailure="rollback"',
    done('test -e effect') + undo('rm effect; echo b >> undone'),
  )
  using space = workspace({ 'content/runbooks/x.mdx': page(first + half) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('undone: b, a')
  expect(undone(space)).toBe('b\na\n')
})

test('a failed step without effect is not undone', async () => {
  const none = commandStep(
    'b',
    'exit 1',
    'onFailure="rollback"',
    done('test -e effect') + undo('echo b >> undone'),
  )
  using space = workspace({ 'content/runbooks/x.mdx': page(first + none) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.stderr).toContain('undone: a.')
  expect(undone(space)).toBe('a\n')
})

test('where nothing tells whether a failed step took effect, that is said, and its undo is offered', async () => {
  const half = commandStep('b', 'exit 1', 'onFailure="rollback"', undo('echo b >> undone'))
  using space = workspace({ 'content/runbooks/x.mdx': page(first + half) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.stderr).toContain('not undone, but may have taken effect before it failed: b')
  expect(ran.stderr).toMatch(/Undo b too with: .*rollback /)
  expect(undone(space)).toBe('a\n')
  const again = await space.runbook(['rollback', 'last', '--yes'])
  expect(again.code, again.stderr).toBe(0)
  expect(undone(space)).toBe('a\nb\n')
  expect((await space.runbook(['verify', 'last'])).code).toBe(0)
  expect((await space.runbook(['rollback', 'last', '--yes'])).code).toBe(2)
})

test.runIf(hasTerminal)('at a terminal a person says whether a failed step is undone', async () => {
  const half = commandStep('b', 'exit 1', 'onFailure="rollback"', undo('echo b >> undone'))
  using space = workspace({ 'content/runbooks/x.mdx': page(first + half) })
  const terminal = onTerminal(space.root, ['exec', 'x', '--yes'])
  await terminal.sees('is it to be undone?')
  terminal.type(keys.down + keys.down + keys.enter)
  await terminal.sees('How do you know?')
  terminal.type(`half of it is there${keys.enter}`)
  const { code, screen } = await terminal.ended
  expect(code, screen).toBe(1)
  expect(undone(space)).toBe('b\na\n')
})

const gate = (policies: string): string =>
  `<Gate id="g" title="G" source="http://127.0.0.1:1/metrics" for="1s" interval="100ms" maxErrors={1} ${policies}>\n\n\`\`\`yaml\n- ratio: { bad: 'a{color="x"}', total: 'b{color="x"}' }\n  below: 1%\n\`\`\`\n\n</Gate>\n`

test('a gate that cannot be decided stops where it says so, though a failure rolls back', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(first + gate('onFailure="rollback" onInconclusive="stop"')),
  })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('Stopped. Step `g` is inconclusive')])
  expect(() => undone(space)).toThrow('ENOENT')
  // A stop is taken up again where it was.
  expect((await space.runbook(['resume', 'last', '--yes'])).code).toBe(4)
})

test.runIf(hasTerminal)(
  'a person who stops at a gate stops the run, though a failure rolls back',
  async () => {
    using space = workspace({ 'content/runbooks/x.mdx': page(first + gate('onFailure="rollback"')) })
    const terminal = onTerminal(space.root, ['exec', 'x', '--yes'])
    await terminal.sees('What follows from that?')
    terminal.type(keys.down + keys.enter)
    const { code, screen } = await terminal.ended
    expect(code, screen).toBe(4)
    expect(() => undone(space)).toThrow('ENOENT')
  },
)

test('a run around one that stopped stops too, though a failure rolls back', async () => {
  const around = `${first}<Include id="inner" title="Inner" runbook="inner" onFailure="rollback" />\n`
  using space = workspace({
    'content/runbooks/x.mdx': page(around),
    'content/runbooks/inner.mdx': page(gate('onInconclusive="stop"')),
  })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(4)
  expect(() => undone(space)).toThrow('ENOENT')
})

test('`check` names policies that contradict, and a rollback with nothing to undo', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      gate('onInconclusive="rollback"') + commandStep('b', 'true', 'onFailure="rollback"'),
    ),
  })
  const { stdout, stderr } = await space.runbook(['check'])
  expect(stdout + stderr).toContain('Unexpected `onInconclusive="rollback"` beside `onFailure="stop"`')
  expect(stdout + stderr).toContain('no step up to here has an `undo` fence')
  expect((stdout + stderr).match(/\[contradicting-policies\]/g)).toHaveLength(2)
})
