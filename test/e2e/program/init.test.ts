import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { workspace } from '../../support/workspace.ts'

/** Inputs without a default, by runbook. */
const inputs: Record<string, string[]> = {
  'release-checklist': ['-i', 'version=1.4.0'],
  'canary-rollout': ['-i', 'version=1.4.0'],
  'blue-green': ['-i', 'version=1.4.0'],
  'post-release': ['-i', 'version=1.4.0'],
  rollback: ['-i', 'reason=errors'],
  'feature-flag-rollout': ['-i', 'flag=ui_new_total'],
  'kill-switch': ['-i', 'flag=ui_new_total'],
}

test('init writes a workspace in which every runbook passes check and its scenarios, links to its alert, and has a dry run', async () => {
  // As `npm install` leaves a folder: its package.json has no `type`.
  using space = workspace({ 'package.json': '{ "dependencies": {} }\n' })
  const begun = await space.runbook(['init', '--owner', 'ada@example.com'])
  expect([begun.code, begun.stderr], begun.stderr).toEqual([0, expect.stringContaining('34 files written')])
  const people = readFileSync(join(space.root, 'content/people.yaml'), 'utf8')
  expect(people).toContain('ada@example.com')
  const tested = await space.runbook(['test'])
  expect([tested.code, tested.stdout + tested.stderr]).toEqual([
    0,
    expect.stringMatching(/(\d+) scenarios: \1 passed, 0 failed/),
  ])
  const checked = await space.runbook(['check'])
  expect([checked.code, checked.stdout + checked.stderr]).toEqual([
    0,
    expect.stringContaining('12 runbooks checked: 0 errors, 0 warnings'),
  ])
  const alerts = await space.runbook(['alerts', 'check', 'alerts.yml'])
  expect([alerts.code, alerts.stdout + alerts.stderr]).toEqual([
    0,
    expect.stringContaining('0 errors, 0 warnings'),
  ])
  expect(tested.stderr + checked.stderr + alerts.stderr, 'warnings of Node').not.toContain('Warning')
  const pages = readdirSync(join(space.root, 'content/runbooks')).filter((file) => file.endsWith('.mdx'))
  expect(pages).toHaveLength(12)
  for (const name of pages.map((file) => file.replace(/\.mdx$/, ''))) {
    const dry = await space.runbook(['exec', name, '--dry-run', ...(inputs[name] ?? [])])
    expect(dry.code, `${name}: ${dry.stderr}`).toBe(0)
  }
})

test('init does not change a file that exists, and a dry run writes none', async () => {
  using space = workspace({ 'content/people.yaml': 'people: {}\n' })
  const dry = await space.runbook(['init', '--dry-run'])
  expect([dry.code, existsSync(join(space.root, 'alerts.yml'))]).toEqual([0, false])
  expect(dry.stdout).toContain('would write alerts.yml')
  const begun = await space.runbook([
    'init',
    '--ci',
    'none',
    '--owner',
    'ada@example.com',
    '--site',
    'https://ops.example.com/',
  ])
  expect(begun.code, begun.stderr).toBe(0)
  expect(begun.stderr).toContain('content/people.yaml exists and is not changed')
  expect(begun.stderr).toContain('RUNBOOK_ACTOR=ada@example.com')
  expect(readFileSync(join(space.root, 'content/people.yaml'), 'utf8')).toBe('people: {}\n')
  expect(existsSync(join(space.root, '.github'))).toBe(false)
  expect(readFileSync(join(space.root, 'alerts.yml'), 'utf8')).toContain('https://ops.example.com/runbooks/')
})

test('init refuses a folder whose runbooks are elsewhere, and an address that is not one person’s', async () => {
  using space = workspace({ 'runbook.config.ts': "export default { content: 'wiki' }\n" })
  expect(await space.runbook(['init'])).toMatchObject({ code: 2, stdout: '' })
  using other = workspace({})
  const refused = await other.runbook(['init', '--owner', 'аdа@example.com'])
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('not an address in plain ASCII'),
  ])
  expect(existsSync(join(other.root, 'content'))).toBe(false)
})
