import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { effectsOf, eventsOf, runIds, stepProcesses } from '../../support/attack/attack.ts'
import { start } from '../../support/live.ts'
import { releasedSpace } from '../../support/signing.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

/** Kills the runner and what starts its steps, in the middle of a step that has left the file `began`. */
async function loseStep(space: Workspace): Promise<string> {
  const live = start(space.root, ['exec', 'r', '--yes'])
  await live.until(() => existsSync(join(space.root, 'began')))
  const [step] = stepProcesses(space.root)
  const parent = readFileSync(`/proc/${step?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]
  live.child.kill('SIGKILL')
  process.kill(Number(parent), 'SIGKILL')
  writeFileSync(join(space.root, 'go'), '')
  await live.ended
  return runIds(space.root)[0] ?? ''
}

const waiting = 'touch began\nwhile ! test -e go; do sleep 0.02; done\n'

test('a step that a person says is done never runs again, and its lost outputs are asked for', async () => {
  const steps =
    commandStep('a', `${waiting}echo a >> effects\necho "id=7" >> "$RUNBOOK_OUTPUT"`, 'outputs="id"') +
    commandStep('b', 'echo "b $id" >> effects')
  using space = workspace({ 'content/runbooks/r.mdx': page(steps) })
  const run = await loseStep(space)
  await expect.poll(() => effectsOf(space.root)).toContain('a')
  expect((await space.runbook(['resume', run, '--yes'])).code).toBe(5)
  expect((await space.runbook(['resolve', run, 'a', '--as', 'done', '--reason', 'I looked'])).code).toBe(0)
  for (const _ of ['once', 'and again']) {
    const asked = await space.runbook(['resume', run, '--yes'])
    expect(asked).toMatchObject({ code: 5, stderr: expect.stringContaining('asks for `id`') as string })
  }
  space.write('answers.yaml', 'actor: alice@example.com\nanswers:\n  a: { fields: { id: "7" } }\n')
  const ended = await space.runbook(['resume', run, '--yes', '--answers', 'answers.yaml'])
  expect(ended.code, ended.stderr).toBe(0)
  expect(effectsOf(space.root)).toEqual(['a', 'b 7'])
  expect(eventsOf(space.root).filter(({ type }) => type === 'step-started').length).toBe(2)
  expect((await space.runbook(['verify', run])).code).toBe(0)
})

test('a run whose `done` check was interrupted verifies: what the check printed is bound by the end', async () => {
  const done = `\n\`\`\`bash done\necho looking; ${waiting.replaceAll('\n', '; ').replaceAll('do;', 'do')} test -e made\n\`\`\`\n`
  using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'touch made', '', done)) })
  const run = await loseStep(space)
  const ended = await space.runbook(['resume', run, '--yes'])
  expect(ended.code, ended.stderr).toBe(0)
  const printed = readdirSync(join(space.root, '.runbook/runs', run, 'steps'))
  expect(printed.filter((name) => /^a\.done-0.*\.stdout$/.test(name)).length).toBeGreaterThan(1)
  const { code, stdout } = await space.runbook(['verify', run])
  expect(code, stdout).toBe(0)
})

test.each(['close', 'resume'])(
  'a run that was killed before its line of the index, or before its seal, is made whole by %s',
  async (command) => {
    using space = await releasedSpace()
    const { run } = space
    const index = join(space.state, 'heads.jsonl')
    const lines = readFileSync(index, 'utf8').trimEnd().split('\n')
    writeFileSync(index, `${lines.slice(0, -1).join('\n')}\n`)
    const lost = await space.as('alice', ['verify', run])
    expect(lost.code).toBe(7)
    expect(lost.stdout).toContain(`runbook close ${run}`)
    expect((await space.as('alice', ['audit'])).code).toBe(1)
    const repaired = await space.as('alice', [command, run])
    expect(repaired.code, repaired.stderr).toBe(0)
    expect((await space.as('alice', ['verify', run])).code).toBe(0)
    expect((await space.as('alice', ['audit'])).code).toBe(0)

    const folder = join(space.state, 'runs', run)
    writeFileSync(index, `${lines.slice(0, -1).join('\n')}\n`)
    for (const name of ['head.json', 'head.json.sig']) rmSync(join(folder, name))
    expect(await space.as('alice', ['verify', run])).toMatchObject({ code: 1 })
    const other = await space.as('bob', [command, run, ...(command === 'close' ? ['--yes'] : [])])
    expect(other).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('Ask alice@example.com') as string,
    })
    expect((await space.as('alice', [command, run])).code).toBe(0)
    expect((await space.as('alice', ['verify', run])).stdout).toContain('Verified, signed')
  },
)

test('a nested run that was killed before its seal is sealed when the run around it goes on', async () => {
  using space = workspace({
    'content/runbooks/inner.mdx': page(commandStep('a', 'echo a >> effects')),
    'content/runbooks/r.mdx': page(
      `<Include id="nest" title="Nest" runbook="inner">\n\n</Include>\n\n${commandStep('b', 'echo b >> effects\ntest -e go')}`,
    ),
  })
  expect((await space.runbook(['exec', 'r', '--yes'])).code).toBe(1)
  const inner = runIds(space.root).find((run) => run.includes('-inner-')) ?? ''
  const index = join(space.root, '.runbook/heads.jsonl')
  const lines = readFileSync(index, 'utf8').trimEnd().split('\n')
  // As if the crash had come between the end of the nested run and its seal, and nothing of the outer one after it.
  const kept = lines.slice(
    0,
    lines.findIndex((line) => line.includes(inner) && line.includes('"type":"head"')),
  )
  writeFileSync(index, `${kept.join('\n')}\n`)
  for (const run of runIds(space.root)) rmSync(join(space.root, '.runbook/runs', run, 'head.json'))
  const outer = runIds(space.root).find((run) => run !== inner) ?? ''
  const journal = join(space.root, '.runbook/runs', outer, 'run.jsonl')
  const events = readFileSync(journal, 'utf8').trimEnd().split('\n')
  const included = events.findIndex((line) => line.includes('"run-included"'))
  writeFileSync(journal, `${events.slice(0, included + 1).join('\n')}\n`)
  writeFileSync(join(space.root, 'go'), '')
  rmSync(join(space.root, '.runbook/runs', outer, 'steps'), { recursive: true })
  const ended = await space.runbook(['resume', outer, '--yes'])
  expect(ended.code, ended.stderr).toBe(0)
  for (const run of [inner, outer]) {
    const { code, stdout } = await space.runbook(['verify', run])
    expect(code, stdout).toBe(0)
  }
})

test('a run that another person abandoned verifies', async () => {
  const steps = commandStep('a', 'true') + '<Approval id="go" title="Go" approvers="bob@example.com" />\n'
  using space = workspace({ 'content/runbooks/r.mdx': page(steps) })
  expect((await space.runbook(['exec', 'r', '--yes'], { RUNBOOK_ACTOR: 'alice@example.com' })).code).toBe(5)
  const bob = { RUNBOOK_ACTOR: 'bob@example.com' }
  const abandoned = await space.runbook(['abandon', 'last', '--reason', 'alice is away'], bob)
  expect(abandoned.code, abandoned.stderr).toBe(0)
  const { code, stdout } = await space.runbook(['verify', 'last'])
  expect(code, stdout).toBe(0)
})

test('a run that was abandoned before it was in the index verifies', async () => {
  using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'false')) })
  await space.runbook(['exec', 'r', '--yes'])
  const state = join(space.root, '.runbook')
  const [run = ''] = runIds(space.root)
  const journal = join(state, 'runs', run, 'run.jsonl')
  writeFileSync(journal, `${readFileSync(journal, 'utf8').split('\n', 1)[0]}\n`)
  rmSync(join(state, 'heads.jsonl'))
  rmSync(join(state, 'runs', run, 'head.json'))
  renameSync(join(state, 'runs', run, 'steps'), join(space.root, 'aside'))
  const abandoned = await space.runbook(['abandon', run, '--reason', 'no longer wanted'])
  expect(abandoned.code, abandoned.stderr).toBe(0)
  const { code, stdout } = await space.runbook(['verify', run])
  expect(code, stdout).toBe(0)
})
