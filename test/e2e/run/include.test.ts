import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Event } from '../../../runner/journal/record/event.ts'
import { readJournal } from '../../../runner/journal/record/read-journal.ts'
import { files, listRuns, runFolder } from '../../../runner/journal/record/run-store.ts'
import { asText } from '../../../runner/model/values/json.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const include = (runbook: string, fence = '', outputs = ''): string =>
  `<Include id="nest" title="Nest" runbook="${runbook}" ${outputs}>\n\n${fence === '' ? '' : `\`\`\`yaml\n${fence}\n\`\`\``}\n\n</Include>\n\n`

const inner = (steps: string): string => page(steps, 'inputs:\n  version: { type: semver }\n')
const build = commandStep('build', 'echo "sha=built-$version" >> "$RUNBOOK_OUTPUT"', 'outputs="sha"')
const outer = page(
  include(
    'inner',
    'inputs: { version: "${{ inputs.release }}" }\noutputs: { build_sha: sha }',
    'outputs="build_sha"',
  ) + commandStep('use', 'printf %s "$build_sha" > used', 'effect="read"'),
  'inputs:\n  release: { type: semver }\n',
)

function journals(space: Workspace): Map<string, Event[]> {
  const state = join(space.root, '.runbook')
  const read = listRuns(state).map((run) => readJournal(join(runFolder(state, run), files.journal)))
  return new Map(read.map((events) => [asText(events[0]?.data['slug']), events]))
}

const exec = ['exec', 'outer', '-i', 'release=1.4.0', '--yes']

test('a nested run gets its inputs, gives its outputs, and has its own journal; each names the other', async () => {
  using space = workspace({ 'content/runbooks/outer.mdx': outer, 'content/runbooks/inner.mdx': inner(build) })
  const ran = await space.runbook(exec)
  expect(ran.code, ran.stderr).toBe(0)
  expect(readFileSync(join(space.root, 'used'), 'utf8')).toBe('built-1.4.0')
  const byRunbook = journals(space)
  const parent = byRunbook.get('outer')?.[0]?.run
  const nested = byRunbook.get('inner')?.[0]
  expect(nested?.data['parent']).toEqual({ run: parent, step: 'nest' })
  expect(byRunbook.get('outer')?.find(({ type }) => type === 'run-included')?.data['run']).toBe(nested?.run)
})

test('what a nested run waits for, the run around it waits for, and the next commands are right', async () => {
  const approval = '<Approval id="go" title="Go?" approvers="boss@example.com" />\n\n'
  using space = workspace({
    'content/runbooks/outer.mdx': outer,
    'content/runbooks/inner.mdx': inner(approval + build),
  })
  const waiting = await space.runbook(exec)
  const byRunbook = journals(space)
  const nested = byRunbook.get('inner')?.[0]?.run ?? ''
  const parent = byRunbook.get('outer')?.[0]?.run ?? ''
  expect([waiting.code, waiting.stderr]).toEqual([5, expect.stringContaining(`runbook approve ${nested} go`)])
  expect(waiting.stderr).toContain(`runbook resume ${parent}`)
  expect(existsSync(join(space.root, 'used'))).toBe(false)
  expect(
    (await space.runbook(['approve', nested, 'go', '--yes'], { RUNBOOK_ACTOR: 'boss@example.com' })).code,
  ).toBe(0)
  expect((await space.runbook(['resume', parent, '--yes'])).code).toBe(0)
  expect(readFileSync(join(space.root, 'used'), 'utf8')).toBe('built-1.4.0')
  expect(journals(space).size).toBe(2)
})

test('a nested run that fails fails the step, and a resume takes the same one up again', async () => {
  const fails = commandStep('build', 'test -f allowed; echo "sha=x" >> "$RUNBOOK_OUTPUT"', 'outputs="sha"')
  using space = workspace({ 'content/runbooks/outer.mdx': outer, 'content/runbooks/inner.mdx': inner(fails) })
  expect((await space.runbook(exec)).code).toBe(1)
  const parent = journals(space).get('outer')?.[0]?.run ?? ''
  space.write('allowed', '')
  expect((await space.runbook(['resume', parent, '--yes'])).code).toBe(0)
  expect(journals(space).size).toBe(2)
})

test('runbooks that lead back to themselves are a finding, and do not run', async () => {
  using space = workspace({
    'content/runbooks/a.mdx': page(commandStep('first', 'touch touched') + include('b')),
    'content/runbooks/b.mdx': page(include('a')),
    'content/runbooks/c.mdx': page(include('nowhere')),
    'content/runbooks/d.mdx': page(commandStep('first', 'touch touched') + include('e')),
    'content/runbooks/e.mdx': page('<Command id="x" title="X" tiemout="1m" />\n'),
  })
  const checked = await space.runbook(['check'])
  expect(checked.code).toBe(3)
  expect(checked.stdout).toContain('leads back here: a → b → a')
  expect(checked.stdout).toContain('Unexpected runbook `nowhere`')
  for (const name of ['a', 'c', 'd']) {
    const ran = await space.runbook(['exec', name, '--yes'])
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('nothing ran')])
  }
  expect(existsSync(join(space.root, 'touched'))).toBe(false)
})

test('a secret goes into a nested run only as a secret', async () => {
  const secret = 'hunter2-hunter2'
  const text = (type: string): string =>
    page(commandStep('use', 'test -n "$token"'), `inputs:\n  token: { type: ${type} }\n`)
  using space = workspace({
    'content/runbooks/outer.mdx': page(
      include('inner', 'inputs: { token: "${{ inputs.token }}" }'),
      'inputs:\n  token: { type: secret }\n',
    ),
    'content/runbooks/inner.mdx': text('string'),
  })
  const env = { RUNBOOK_INPUT_TOKEN: secret }
  const refused = await space.runbook(['exec', 'outer', '--yes'], env)
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('a secret would become one of its plain inputs'),
  ])
  space.write('content/runbooks/inner.mdx', text('secret'))
  expect((await space.runbook(['exec', 'outer', '--yes'], env)).code).toBe(0)
  const all = JSON.stringify([...journals(space).values()])
  expect(all).not.toContain(secret)
})

test('a nested run that a crash cut off before its first event is started anew', async () => {
  const approval = '<Approval id="go" title="Go?" approvers="boss@example.com" />\n\n'
  using space = workspace({
    'content/runbooks/outer.mdx': outer,
    'content/runbooks/inner.mdx': inner(approval + build),
  })
  await space.runbook(exec)
  const byRunbook = journals(space)
  const nested = byRunbook.get('inner')?.[0]?.run ?? ''
  const parent = byRunbook.get('outer')?.[0]?.run ?? ''
  const folder = runFolder(join(space.root, '.runbook'), nested)
  for (const name of readdirSync(folder)) if (name.startsWith('head')) rmSync(join(folder, name))
  writeFileSync(join(folder, files.journal), '')
  expect((await space.runbook(['resume', parent, '--yes'])).code).toBe(5)
  expect(
    (await space.runbook(['approve', nested, 'go', '--yes'], { RUNBOOK_ACTOR: 'boss@example.com' })).code,
  ).toBe(0)
  expect((await space.runbook(['resume', parent, '--yes'])).code).toBe(0)
})
