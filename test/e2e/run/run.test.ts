import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const undo = (script: string): string => `\n\`\`\`bash undo\n${script}\n\`\`\`\n`
const done = (script: string): string => `\n\`\`\`bash done\n${script}\n\`\`\`\n`

async function state(space: Workspace): Promise<{ status: string; run: string }> {
  const { stdout } = await space.runbook(['runs', '--json'])
  const [newest] = JSON.parse(stdout) as { status: string; run: string }[]
  if (!newest) throw new Error('There is no run')
  return newest
}

test('a run passes inputs and outputs as environment variables, and ends with exit code 0', async () => {
  const steps =
    commandStep('make', 'echo "it is $version"\necho "sha=abc" >> "$RUNBOOK_OUTPUT"', 'outputs="sha"') +
    commandStep('use', 'printf "%s %s" "$version" "$sha" > used')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps, 'inputs:\n  version: { type: semver }\n') })
  const ran = await space.runbook(['exec', 'x', '-i', 'version=1.4.0', '--yes'])
  expect(ran.code).toBe(0)
  expect(readFileSync(join(space.root, 'used'), 'utf8')).toBe('1.4.0 abc')
})

test('an input that looks like shell code reaches the script as text and nothing else', async () => {
  const hostile = '$(touch pwned); `touch pwned` "; touch pwned #'
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('one', 'printf "%s" "$note" > note'),
      'inputs:\n  note: { type: string }\n',
    ),
  })
  expect((await space.runbook(['exec', 'x', '-i', `note=${hostile}`, '--yes'])).code).toBe(0)
  expect(readFileSync(join(space.root, 'note'), 'utf8')).toBe(hostile)
  expect(existsSync(join(space.root, 'pwned'))).toBe(false)
})

test('a failed step ends the run with exit code 1, shows its output, and nothing after it runs', async () => {
  const steps = commandStep('bad', 'echo the reason; exit 7') + commandStep('after', 'touch after')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('exited with code 7')
  expect(ran.stderr).toContain('the reason')
  expect(ran.stderr).toContain('runbook resume')
  expect(existsSync(join(space.root, 'after'))).toBe(false)
  expect((await state(space)).status).toBe('failed')
})

test('a failed run resumes at the failed step, and what passed is not repeated', async () => {
  const steps = commandStep('first', 'echo x >> first') + commandStep('second', 'test -f allowed')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(1)
  space.write('allowed', '')
  expect((await space.runbook(['resume', 'last', '--yes'])).code).toBe(0)
  expect(readFileSync(join(space.root, 'first'), 'utf8')).toBe('x\n')
  expect((await state(space)).status).toBe('succeeded')
})

test('a failure with onFailure="rollback" runs the undos of what passed, last first', async () => {
  const steps =
    commandStep('a', 'true', '', undo('echo a >> undone')) +
    commandStep('b', 'true', '', undo('echo b >> undone')) +
    commandStep('c', 'exit 1', 'onFailure="rollback"', undo('echo c >> undone'))
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(1)
  expect(readFileSync(join(space.root, 'undone'), 'utf8')).toBe('b\na\n')
  expect((await state(space)).status).toBe('rolled-back')
})

test('an undo runs where its step ran, though only an output says where', async () => {
  const steps =
    commandStep('make', 'mkdir made; echo "dir=made" >> "$RUNBOOK_OUTPUT"', 'outputs="dir"') +
    commandStep('fill', 'touch here', 'cwd="${{ outputs.dir }}"', undo('rm here')) +
    commandStep('c', 'exit 1', 'onFailure="rollback"')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  expect((await space.runbook(['exec', 'x', '--yes'])).stderr).toContain('undone: fill')
  expect(existsSync(join(space.root, 'made/here'))).toBe(false)
  expect((await state(space)).status).toBe('rolled-back')
})

test('an output too large for the journal fails the step, which says so and can be resumed', async () => {
  const script =
    'test -e small || head -c 70000 /dev/zero | tr "\\0" x > long\necho "sha=$(cat long)" >> "$RUNBOOK_OUTPUT"'
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', script, 'outputs="sha"')) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('more than the')])
  expect(ran.stderr).not.toContain('    at ')
  space.write('small', '')
  space.write('long', '1')
  expect((await space.runbook(['resume', 'last', '--yes'])).code).toBe(0)
})

test('a line of the output file that is none fails the step, and is named', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('a', 'echo "no value" >> "$RUNBOOK_OUTPUT"')),
  })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('malformed at line 1')])
})

test('a failing undo ends with exit code 6, says what is not undone, and can be resumed', async () => {
  const steps =
    commandStep('a', 'true', '', undo('echo a >> undone')) +
    commandStep('b', 'true', '', undo('test -f allowed')) +
    commandStep('c', 'exit 1', 'onFailure="rollback"')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(6)
  expect(ran.stderr).toContain('Not undone: b, a')
  space.write('allowed', '')
  expect((await space.runbook(['rollback', 'last', '--yes'])).code).toBe(0)
  expect(readFileSync(join(space.root, 'undone'), 'utf8')).toBe('a\n')
})

test('a step whose effect already holds is skipped, and its undo is not run', async () => {
  const steps =
    commandStep('a', 'echo x >> ran', '', done('test -f there') + undo('echo a >> undone')) +
    commandStep('b', 'exit 1', 'onFailure="rollback"')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps), there: '' })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(1)
  expect(existsSync(join(space.root, 'ran'))).toBe(false)
  expect(existsSync(join(space.root, 'undone'))).toBe(false)
})

test('exit code 0 is not believed when the done fence says otherwise', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true', '', done('exit 1'))) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('its effect does not hold')
})

test('a declared output that is not produced fails the step', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true', 'outputs="sha"')) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('did not produce its output `sha`')
})

test('an output that is not declared is named, and reaches no other step', async () => {
  const steps = commandStep('a', 'echo "sha=1" >> "$RUNBOOK_OUTPUT"') + commandStep('b', 'test -z "${sha:-}"')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(0)
  expect(ran.stderr).toContain('and wrote `sha`, which it does not declare')
})

test('without a terminal and without --yes a writing step is not run: exit code 5 and the next command', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'touch ran')) })
  const ran = await space.runbook(['exec', 'x'])
  expect(ran.code).toBe(5)
  expect(ran.stderr).toMatch(/runbook resume \S+ --yes/)
  expect(existsSync(join(space.root, 'ran'))).toBe(false)
})

test('an approval holds whatever the flags, and only somebody else can give it', async () => {
  const steps =
    '<Approval id="go" title="Go?" approvers="boss@example.com" />\n\n' + commandStep('a', 'touch ran')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(5)
  const self = await space.runbook(['approve', 'last', 'go', '--yes'])
  expect(self.code).toBe(4)
  expect((await space.runbook(['resume', 'last', '--yes'])).code).toBe(5)
  expect(existsSync(join(space.root, 'ran'))).toBe(false)
  expect(
    (await space.runbook(['approve', 'last', 'go', '--yes'], { RUNBOOK_ACTOR: 'boss@example.com' })).code,
  ).toBe(0)
  expect((await space.runbook(['resume', 'last', '--yes'])).code).toBe(0)
  expect(existsSync(join(space.root, 'ran'))).toBe(true)
})

test('a rejection stops the run with exit code 4, and nothing after it runs', async () => {
  const steps =
    '<Approval id="go" title="Go?" approvers="boss@example.com" />\n\n' + commandStep('a', 'touch ran')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(5)
  const reason = ['--reason', 'not today']
  expect(
    (await space.runbook(['reject', 'last', 'go', ...reason], { RUNBOOK_ACTOR: 'boss@example.com' })).code,
  ).toBe(0)
  const resumed = await space.runbook(['resume', 'last', '--yes'])
  expect(resumed.code).toBe(4)
  expect(resumed.stderr).toContain('not today')
  expect(existsSync(join(space.root, 'ran'))).toBe(false)
})

test('exec --json prints one journal event on each line and nothing else on stdout', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'echo hello')) })
  const ran = await space.runbook(['exec', 'x', '--yes', '--json'])
  expect(ran.code).toBe(0)
  const events = ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; seq: number })
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
  expect(events[0]?.type).toBe('run-started')
  expect(events.at(-1)?.type).toBe('run-ended')
})

test('a dry run writes no file and makes no run', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'touch ran')) })
  const ran = await space.runbook(['exec', 'x', '--dry-run'])
  expect(ran.code).toBe(0)
  expect(ran.stdout).toContain('Step a')
  expect(readdirSync(space.root)).toEqual(['content'])
})

test('everything a run leaves is readable by its owner alone', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'echo hello')) })
  await space.runbook(['exec', 'x', '--yes'])
  const runs = join(space.root, '.runbook')
  for (const entry of readdirSync(runs, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    expect(statSync(path).mode & 0o077, path).toBe(0)
  }
})

test('each retry is an attempt of its own in the log, with the failure before it', async () => {
  const flaky = 'echo x >> tries; test "$(wc -l < tries)" -ge "$enough"'
  const inputs = 'inputs: { enough: { type: string } }\n'
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('flaky', flaky, 'retries={2} retryDelay="10ms"'), inputs),
  })
  const attempts = async (enough: string): Promise<[number | null, string[]]> => {
    rmSync(join(space.root, 'tries'), { force: true })
    const { code } = await space.runbook(['exec', 'x', '--yes', '-i', `enough=${enough}`])
    const { stdout } = await space.runbook(['log', 'last'])
    return [code, [...stdout.matchAll(/Attempt \d \w+/g)].map(([words]) => words)]
  }
  const twice = ['Attempt 1 failed', 'Attempt 2 started', 'Attempt 2 failed', 'Attempt 3 started']
  expect(await attempts('3')).toEqual([0, [...twice, 'Attempt 3 passed']])
  expect(await attempts('4')).toEqual([1, [...twice, 'Attempt 3 failed']])
})
