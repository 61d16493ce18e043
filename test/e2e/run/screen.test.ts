import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isReadable, readRunOrProblem } from '../../../runner/pages/readable-run.ts'
import { linksFrom } from '../../../runner/pages/run-addresses.ts'
import { runPage } from '../../../runner/pages/run-page.ts'
import { runIds } from '../../support/attack/attack.ts'
import { start } from '../../support/live.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { makeKinds } from '../../../runner/kinds/index.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const inputs =
  'inputs:\n  n0: { default: a }\n  n10: { default: b }\n  n1: { default: c }\n  n100: { default: d }\n'
const inOrder = /n0 += a\n.*n10 += b\n.*n1 += c\n.*n100 += d\n/

test('without a terminal the output of a step comes as it is printed, behind the name of the step', async () => {
  using space = workspace({
    'content/runbooks/slow.mdx': page(
      commandStep('grow', 'echo first; until [ -e go ]; do sleep 0.05; done; printf second'),
    ),
  })
  const running = start(space.root, ['exec', 'slow', '--yes'])
  expect(await running.line('first')).toBe('  grow │ first')
  writeFileSync(join(space.root, 'go'), '')
  const { code, stderr } = await running.ended
  expect([code, stderr]).toEqual([0, expect.stringContaining('  grow │ second\n  ✓ grow')])
})

test('each step that a rollback undoes is named above the output of its undo', async () => {
  const undo = '\n```bash undo\necho back\n```\n'
  const steps = [commandStep('one', 'true', '', undo), commandStep('two', 'false', 'onFailure="rollback"')]
  using space = workspace({ 'content/runbooks/back.mdx': page(steps.join('\n')) })
  const { stderr } = await space.runbook(['exec', 'back', '--yes'])
  expect(stderr).toMatch(/↺ 1\/2 Step one .*\n {2}one │ back\n {4}✓ Undone/)
})

test('exec, resume, plan and log begin with the inputs in the order of the document', async () => {
  using space = workspace({
    'content/runbooks/in.mdx': page(commandStep('one', 'test -e there'), inputs),
  })
  expect((await space.runbook(['plan', 'in'])).stdout).toMatch(inOrder)
  expect((await space.runbook(['exec', 'in', '--yes'])).stderr).toMatch(inOrder)
  expect((await space.runbook(['log', 'last'])).stdout).toMatch(inOrder)
  space.write('there', '')
  const resumed = await space.runbook(['resume', 'last', '--yes'])
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringMatching(inOrder)])
})

test('the page of a run has its inputs in the order of the document', async () => {
  using space = workspace({ 'content/runbooks/in.mdx': page(commandStep('one', 'true'), inputs) })
  await space.runbook(['exec', 'in', '--yes'])
  const readable = readRunOrProblem(join(space.root, '.runbook'), runIds(space.root)[0] ?? '', () => ({
    check: undefined,
    source: 'none',
  }))
  if (!isReadable(readable)) throw new Error(readable.problem)
  const kinds = await makeKinds().load()
  const { markup } = runPage(readable, { links: linksFrom('/'), today: undefined, kinds, checkedAt: '' })
  expect([...markup.matchAll(/<dt>(\w+)<\/dt>/g)].map(([, name]) => name)).toEqual([
    'n0',
    'n10',
    'n1',
    'n100',
  ])
})

test.runIf(hasTerminal)('a question shows the command with the values it names, and no secret', async () => {
  using space = workspace({
    'content/runbooks/ask.mdx': page(
      commandStep('make', 'echo "sha=abc123" >> "$RUNBOOK_OUTPUT"', 'outputs="sha" effect="read"') +
        commandStep('deploy', 'echo "$version" "${sha}" "$token"'),
      'inputs:\n  version: {}\n  unused: { default: "1" }\n  token: { type: secret }\n',
    ),
    token: 'correct horse battery',
  })
  const terminal = onTerminal(space.root, ['exec', 'ask', '-i', 'version=1.4.0', '-i', 'token=@token'])
  await terminal.sees('Run deploy?')
  terminal.type(keys.interrupt)
  const { screen } = await terminal.ended
  const question = screen.slice(screen.indexOf('Step deploy'), screen.indexOf('Run deploy?'))
  expect(question).toMatch(
    /echo "\$version" "\$\{sha\}" "\$token"\s+version = 1\.4\.0\s+token {3}= \(secret\)\s+sha {5}= abc123/,
  )
  expect(question).not.toContain('unused')
  expect(screen).not.toContain('correct horse battery')
})
