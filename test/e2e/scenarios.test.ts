import { readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf } from '../support/attack/attack.ts'
import { binary, commandStep, page, workspace } from '../support/workspace.ts'

const done = '```bash done\ntest -f made\n```\n\n```bash undo\nrm made\n```\n'
const document = page(
  [
    '<Check id="look" title="Look" outputs="idle">\n\n```bash\necho "idle=green" >> "$RUNBOOK_OUTPUT"\n```\n\n</Check>\n',
    commandStep(
      'make',
      'echo "$idle" > made; test -z "${token:-}" || echo "$token"',
      'onFailure="rollback"',
      done,
    ),
    '<Approval id="go" title="Go" approvers="bob@example.com" />\n',
    commandStep('last', 'test -f there', 'onFailure="rollback"', '```bash done\ntest -f there\n```\n'),
  ].join('\n'),
  'inputs:\n  token: { type: secret, required: false }\n',
)
const scenarios = `steps: { look: { outputs: { idle: green } }, go: approved by bob@example.com }
scenarios:
  - name: all is well
    expect: { ends: succeeded, ran: look make go last }
  - name: the last one fails
    steps: { last: { exit: 1 } }
    expect: { ends: failed, undone: make }
`
const files = { 'content/runbooks/x.mdx': document, 'content/runbooks/x.scenarios.yaml': scenarios }

test('a scenario that goes another way fails with its line, in every format', async () => {
  using space = workspace(files)
  const text = await space.runbook(['test', 'x'])
  expect([text.code, text.stderr]).toEqual([
    1,
    expect.stringContaining('content/runbooks/x.scenarios.yaml:7:15  ends: rolled-back'),
  ])
  expect(text.stderr).toContain('2 scenarios: 1 passed, 1 failed')
  const json = await space.runbook(['test', 'x', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    version: 1,
    failed: 1,
    suites: [
      {
        runbook: 'x',
        scenarios: [{ differences: [] }, { differences: [{ what: 'ends', expected: 'failed' }] }],
      },
    ],
  })
  const junit = await space.runbook(['test', '--format', 'junit'])
  expect(junit.stdout).toContain('<testsuite name="content/runbooks/x.scenarios.yaml" tests="2" failures="1"')
  const github = await space.runbook(['test', '--format', 'github'])
  expect(github.stdout).toContain('::error file=content/runbooks/x.scenarios.yaml,line=7')
  const mutated = await space.runbook(['test', 'x', '--mutate', '--least', '90%'])
  expect([mutated.code, mutated.stderr]).toEqual([1, expect.stringContaining('No changes were tried')])
})

test('scenarios start no process and write no file', () => {
  using space = workspace(files)
  const permissions = ['--permission', '--allow-fs-read=*']
  const ran = spawnSync(process.execPath, [...permissions, binary, 'test', 'x', '--scenario', 'well'], {
    cwd: space.root,
    encoding: 'utf8',
    env: { ...process.env, RUNBOOK_CACHE: 'off', RUNBOOK_ACTOR: 'alice@example.com' },
  })
  expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining('1 scenario: 1 passed, 0 failed')])
})

test('a file that does not fit its runbook is a finding of check and test, and nothing is played', async () => {
  using space = workspace({
    ...files,
    'content/runbooks/x.scenarios.yaml': scenarios.replace('last: {', 'lost: {'),
  })
  for (const command of ['check', 'test']) {
    const ran = await space.runbook([command, 'x'])
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([
      3,
      expect.stringMatching(
        /x\.scenarios\.yaml:6:14: error: There is no step `lost` in x \[invalid-scenario\]/,
      ),
    ])
  }
})

test('too few noticed changes are a failure, and the drafted scenarios notice them all', async () => {
  using space = workspace(files)
  space.write('content/runbooks/x.scenarios.yaml', scenarios.replace('ends: failed', 'ends: rolled-back'))
  const few = await space.runbook(['test', 'x', '--mutate', '--least', '90%'])
  expect([few.code, few.stderr]).toEqual([1, expect.stringContaining('make: `done` dropped')])
  const drafted = await space.runbook(['test', 'x', '--init'])
  expect(drafted.code, drafted.stderr).toBe(0)
  space.write('content/runbooks/x.scenarios.yaml', drafted.stdout)
  const all = await space.runbook(['test', 'x', '--mutate', '--least', '100%'])
  expect([all.code, all.stderr]).toEqual([0, expect.stringContaining('0 failed')])
})

test('a real run becomes a scenario that goes the same way, without its secret', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': document, 'token.txt': 'correct-horse-battery' })
  expect((await space.runbook(['exec', 'x', '--yes', '-i', 'token=@token.txt'])).code).toBe(5)
  const bob = { RUNBOOK_ACTOR: 'bob@example.com' }
  expect((await space.runbook(['approve', 'last', 'go', '--yes'], bob)).code).toBe(0)
  const resumed = await space.runbook(['resume', 'last', '--yes', '-i', 'token=@token.txt'])
  expect(resumed.code, resumed.stderr).toBe(1)
  const recorded = await space.runbook(['test', '--record', 'last'])
  expect(recorded.stdout).not.toContain('correct-horse')
  writeFileSync(join(space.root, 'content/runbooks/x.scenarios.yaml'), recorded.stdout)
  const played = await space.runbook(['test', 'x'])
  expect([played.code, played.stderr], recorded.stdout).toEqual([0, expect.stringContaining('1 passed')])
  expect(recorded.stdout).toContain('ends: rolled-back')
  expect(eventsOf(space.root).some(({ type }) => type === 'undo-finished')).toBe(true)
  expect(readFileSync(join(space.root, 'content/runbooks/x.scenarios.yaml'), 'utf8')).toContain(
    'approved by bob',
  )
})

test('a runbook without scenarios is said, and `--if-any` lets it pass', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': document })
  const ran = await space.runbook(['test'])
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('There are no scenarios')])
  expect((await space.runbook(['test', '--if-any'])).code).toBe(0)
})

test('a draft takes what a file already shares, plays a hundred retries, and refuses a file with errors', async () => {
  using space = workspace({
    'content/runbooks/y.mdx': page(
      commandStep('make', 'test "$on" = true', 'retries={100}') +
        '\n<Approval id="go" title="Go or no-go" approvers="bob@example.com" />\n',
      'inputs:\n  on: { type: boolean }\n',
    ),
    'content/runbooks/y.scenarios.yaml':
      'inputs: { on: true }\nscenarios:\n  - name: it is made\n    expect: { ends: succeeded }\n',
  })
  const draft = await space.runbook(['test', 'y', '--init'])
  expect([draft.code, draft.stderr]).toEqual([0, ''])
  expect(draft.stdout).toContain('on: "true"')
  expect(draft.stdout, 'a step without an answer in the file').toContain('go: approved by bob@example.com')
  writeFileSync(join(space.root, 'content/runbooks/y.scenarios.yaml'), draft.stdout)
  expect((await space.runbook(['test', 'y'])).code).toBe(0)
  writeFileSync(join(space.root, 'content/runbooks/y.scenarios.yaml'), '- not a map\n')
  const refused = await space.runbook(['test', 'y', '--init'])
  expect([refused.code, refused.stdout]).toEqual([3, ''])
  expect(refused.stderr).toContain('content/runbooks/y.scenarios.yaml:1:1: error:')
})
