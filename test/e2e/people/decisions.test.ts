import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Event } from '../../../runner/journal/record/event.ts'
import { readJournal } from '../../../runner/journal/record/read-journal.ts'
import { files, listRuns, runFolder } from '../../../runner/journal/record/run-store.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const people = `people:
  ann@example.com: { roles: [boss] }
  ben@example.com: { roles: [boss, security] }
  carol@example.com: { roles: [qa] }
`
const after = commandStep('after', 'touch advanced', 'effect="read"')
const approvalPage = (attributes: string): string =>
  page(`<Approval id="go" title="Go?" approvers="boss" ${attributes} />\n\n${after}`)

function eventsOf(space: Workspace): Event[] {
  const state = join(space.root, '.runbook')
  return readJournal(join(runFolder(state, listRuns(state)[0] ?? ''), files.journal))
}

const types = (space: Workspace): string[] => eventsOf(space).map(({ type }) => type)
const as = (id: string): { RUNBOOK_ACTOR: string } => ({ RUNBOOK_ACTOR: id })
const advanced = (space: Workspace): boolean => existsSync(join(space.root, 'advanced'))

test('two different people with the role must approve, and no other person can', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': approvalPage('min={2}'),
    'content/people.yaml': people,
  })
  expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(5)
  const other = await space.runbook(['approve', 'last', 'go', '--yes'], as('carol@example.com'))
  expect([other.code, other.stderr]).toEqual([
    4,
    expect.stringContaining('is not among those who may decide'),
  ])
  expect((await space.runbook(['approve', 'last', 'go', '--yes'], as('ann@example.com'))).code).toBe(0)
  expect((await space.runbook(['resume', 'last'])).code).toBe(5)
  const alone = await space.runbook(['approve', 'last', '--yes'], as('ben@example.com'))
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('The run waits at `go`')])
  const twice = await space.runbook(['approve', 'last', 'go', '--yes'], as('ann@example.com'))
  expect([twice.code, twice.stderr]).toEqual([4, expect.stringContaining('has approved already')])
  expect((await space.runbook(['approve', 'last', 'go', '--yes'], as('ben@example.com'))).code).toBe(0)
  expect((await space.runbook(['resume', 'last'])).code).toBe(0)
  expect(advanced(space)).toBe(true)
})

test('a person does not approve a run that they started or resumed, whatever their role', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': approvalPage(''),
    'content/people.yaml': `${people}  dan@example.com: { roles: [boss] }\n`,
  })
  expect((await space.runbook(['exec', 'x', '--yes'], as('ann@example.com'))).code).toBe(5)
  expect((await space.runbook(['resume', 'last'], as('ben@example.com'))).code).toBe(5)
  for (const id of ['ann@example.com', 'ben@example.com']) {
    const own = await space.runbook(['approve', 'last', 'go', '--yes'], as(id))
    expect([own.code, own.stderr]).toEqual([4, expect.stringContaining('nobody approves their own run')])
  }
  expect((await space.runbook(['resume', 'last'])).code).toBe(5)
  expect(advanced(space)).toBe(false)
})

test('nobody signs one run in two roles, unless the step allows it', async () => {
  const steps = (more: string): string =>
    page(
      `<Approval id="safe" title="Safe?" approvers="security" />\n\n<Approval id="go" title="Go?" approvers="boss" ${more} />\n\n${after}`,
    )
  using space = workspace({
    'content/runbooks/x.mdx': steps(''),
    'content/runbooks/y.mdx': steps('separate={false}'),
    'content/people.yaml': people,
  })
  const signSafe = async (slug: string): Promise<void> => {
    expect((await space.runbook(['exec', slug, '--yes'])).code).toBe(5)
    expect((await space.runbook(['approve', 'last', 'safe', '--yes'], as('ben@example.com'))).code).toBe(0)
    expect((await space.runbook(['resume', 'last'])).code).toBe(5)
  }
  await signSafe('x')
  const both = await space.runbook(['approve', 'last', 'go', '--yes'], as('ben@example.com'))
  expect([both.code, both.stderr]).toEqual([4, expect.stringContaining('signed step `safe` in another role')])
  expect((await space.runbook(['approve', 'last', 'go', '--yes'], as('ann@example.com'))).code).toBe(0)
  expect((await space.runbook(['resume', 'last'])).code).toBe(0)
  await signSafe('y')
  expect((await space.runbook(['approve', 'last', 'go', '--yes'], as('ben@example.com'))).code).toBe(0)
  expect((await space.runbook(['resume', 'last'])).code).toBe(0)
})

test('a step, a role or a person may be called what every object has, and nothing is decided by that', async () => {
  const body = '<Checklist id="constructor" title="Ticked">\n\n- [ ] One\n\n</Checklist>\n'
  using space = workspace({
    'content/runbooks/x.mdx': page(body + commandStep('after', 'touch ran')),
    'content/runbooks/y.mdx': page(
      '<Approval id="go" title="Go" approvers="constructor">\nGo?\n</Approval>\n',
    ),
    'content/people.yaml': 'people:\n  ann@example.com: { roles: [boss] }\n',
    'answers.yaml': 'actor: ann@example.com\nanswers:\n  other: { answer: done }\n',
  })
  expect(await space.runbook(['exec', 'x', '--yes', '--answers', 'answers.yaml'])).toMatchObject({ code: 5 })
  expect(existsSync(join(space.root, 'ran'))).toBe(false)
  const refused = await space.runbook(['exec', 'y', '--yes'])
  expect(refused.stderr).toContain('Unknown role `constructor`: content/people.yaml does not declare it')
  space.write('content/people.yaml', 'people:\n  ann@example.com: { roles: [constructor] }\n')
  expect(await space.runbook(['exec', 'y', '--yes'])).toMatchObject({ code: 5 })
})

test('a role nobody has stops the run before it begins', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': approvalPage('').replace('boss', 'bos'),
    'content/people.yaml': people,
  })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('Did you mean `boss`?')])
})

test('a request expires with its own event and exit code 4, and a resume asks anew', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': approvalPage('expires="1ms"'),
    'content/people.yaml': people,
  })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('expired')])
  expect(types(space)).toContain('approval-expired')
  const late = await space.runbook(['approve', 'last', 'go', '--yes'], as('ann@example.com'))
  expect(late.code).toBe(2)
  expect((await space.runbook(['resume', 'last'])).code).toBe(4)
  expect(types(space).filter((type) => type === 'approval-requested')).toHaveLength(2)
  expect(advanced(space)).toBe(false)
})

test('a person replaces their own decision before it is read, and both are in the journal', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': approvalPage(''), 'content/people.yaml': people })
  await space.runbook(['exec', 'x', '--yes'], as('dan@example.com'))
  const ben = as('ben@example.com')
  expect((await space.runbook(['approve', 'last', 'go', '--yes'], ben)).code).toBe(0)
  const reason = ['--reason', 'errors on green']
  const again = await space.runbook(['reject', 'last', 'go', ...reason], ben)
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('Your decision on `go` is there already'),
  ])
  expect((await space.runbook(['reject', 'last', 'go', '--force', ...reason], ben)).code).toBe(0)
  expect((await space.runbook(['resume', 'last'], as('dan@example.com'))).code).toBe(4)
  const replaced = eventsOf(space).find(({ type }) => type === 'approval-replaced')
  expect(replaced).toMatchObject({
    actor: { id: 'ben@example.com' },
    data: { was: { decision: 'approved' } },
  })
  expect(types(space)).toContain('approval-rejected')
  expect(advanced(space)).toBe(false)
})

test('a wait is left with --detach, and resumed when its time has come', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(`<Wait id="soak" title="Soak" for="3s" />\n\n${after}`),
  })
  const left = await space.runbook(['exec', 'x', '--detach'])
  expect([left.code, left.stderr]).toEqual([5, expect.stringMatching(/waits until .* UTC\)/)])
  expect(advanced(space)).toBe(false)
  expect((await space.runbook(['resume', 'last'])).code).toBe(0)
  expect(advanced(space)).toBe(true)
})

test('a step that is late is recorded and shown, and fails where its runbook says so', async () => {
  const steps = (more: string): string =>
    page(commandStep('slow', 'sleep 0.1', `effect="read" budget="10ms" ${more}`))
  using space = workspace({
    'content/runbooks/x.mdx': steps(''),
    'content/runbooks/y.mdx': steps('onLate="fail"'),
  })
  const shown = await space.runbook(['exec', 'x'])
  expect([shown.code, shown.stderr]).toEqual([0, expect.stringContaining('Late: took')])
  expect(types(space)).toContain('budget-exceeded')
  expect((await space.runbook(['exec', 'y'])).code).toBe(1)
})

test('a check looks again until it holds, each look in a folder of its own', async () => {
  const script = 'echo x >> looks; test "$(wc -l < looks)" -ge 3'
  const step = `<Check id="one" title="One" until="30s" interval="50ms">\n\n\`\`\`bash\n${script}\n\`\`\`\n\n</Check>\n`
  using space = workspace({ 'content/runbooks/x.mdx': page(step) })
  const ran = await space.runbook(['exec', 'x'])
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('at look 3')])
})

test.runIf(hasTerminal)(
  'at a terminal tasks are ticked and fields are filled in with the keyboard',
  async () => {
    const steps = `<Checklist id="list" title="Look">\n\n- [ ] first\n- [ ] second\n\n</Checklist>\n
<Ask id="say" title="Say" outputs="size">\n\n\`\`\`yaml\nsize: { type: int, min: 1 }\n\`\`\`\n\n</Ask>\n
${commandStep('use', 'printf %s "$size" > size', 'effect="read"')}`
    using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
    const terminal = onTerminal(space.root, ['exec', 'x'])
    await terminal.sees('1/2 first')
    terminal.type(keys.down + keys.enter)
    await terminal.sees('2/2 second')
    terminal.type(keys.up + keys.enter)
    await terminal.sees('Why does it not apply?')
    terminal.type(`no database${keys.enter}`)
    await terminal.sees('size')
    terminal.type(`0${keys.enter}`)
    await terminal.sees('at least 1')
    terminal.type(`\u007f12${keys.enter}`)
    const { code, screen } = await terminal.ended
    expect(code, screen).toBe(0)
    const ticked = eventsOf(space).filter(({ type }) => type === 'task-ticked')
    expect(ticked.map(({ data, actor }) => [data['answer'], data['note'], actor.via])).toEqual([
      ['done', '', 'terminal'],
      ['not-applicable', 'no database', 'terminal'],
    ])
    expect(existsSync(join(space.root, 'size'))).toBe(true)
  },
)

test('a dry run shows what the dry fences say, and changes nothing', async () => {
  const dry = '\n```bash dry\necho "would tag v$version"\n```\n'
  const steps = commandStep('tag', 'touch advanced', '', dry)
  using space = workspace({
    'content/runbooks/x.mdx': page(steps, 'inputs:\n  version: { type: semver }\n'),
  })
  const ran = await space.runbook(['exec', 'x', '--dry-run', '-i', 'version=1.4.0'])
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('│ would tag v1.4.0')])
  expect([advanced(space), existsSync(join(space.root, '.runbook'))]).toEqual([false, false])
})

test('an interpreter that is missing is named before anything runs', async () => {
  const step = '<Command id="one" title="One">\n\n```pwsh\nWrite-Output hi\n```\n\n</Command>\n'
  using space = workspace({ 'content/runbooks/x.mdx': page(after + step) })
  const ran = await space.runbook(['exec', 'x', '--yes'], { PATH: '/usr/bin:/bin' })
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('pwsh (not found in PATH)')])
  expect(advanced(space)).toBe(false)
})
