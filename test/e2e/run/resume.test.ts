import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testInNode } from '../../support/in-node.ts'
import {
  eventsOf,
  expectNoStepProcess,
  killAt,
  effectsOf,
  runIds,
  stepProcesses,
} from '../../support/attack/attack.ts'
import { start } from '../../support/live.ts'
import type { Live } from '../../support/live.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const waits = 'touch began\nwhile ! test -e go; do sleep 0.02; done\n'

const untilBegun = (live: Live, { root }: Workspace): Promise<void> =>
  live.until(() => existsSync(join(root, 'began')))

function runbook(steps: string, frontmatter = ''): Workspace {
  return workspace({ 'content/runbooks/r.mdx': page(steps, frontmatter) })
}

/** Kills whatever starts steps, in the middle of one. */
async function loseTheShim(space: Workspace): Promise<void> {
  const live = start(space.root, ['exec', 'r', '--yes'])
  await untilBegun(live, space)
  const [step] = stepProcesses(space.root)
  const parent = readFileSync(`/proc/${step?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]
  live.child.kill('SIGKILL')
  process.kill(Number(parent), 'SIGKILL')
  writeFileSync(join(space.root, 'go'), '')
  await live.ended
}

test.each([
  ['done', 0, ['a', 'b']],
  ['again', 0, ['a', 'a', 'b']],
  ['stop', 4, ['a']],
])(
  'an unknown outcome is asked about, without a terminal by exit code 5: --as %s',
  async (as, code, effects) => {
    using space = runbook(
      commandStep('a', `${waits}echo a >> effects`) + commandStep('b', 'echo b >> effects'),
    )
    await loseTheShim(space)
    const run = runIds(space.root)[0] ?? ''
    const asked = await space.runbook(['resume', run, '--yes'])
    expect(asked.code, asked.stderr).toBe(5)
    expect(asked.stderr).toContain(`runbook resolve ${run} a --as done|again|stop --reason "…"`)
    expect((await space.runbook(['resume', run, '--yes'])).code, 'asked again, never assumed').toBe(5)
    expect((await space.runbook(['resolve', run, 'a', '--as', as])).code, 'a reason is needed').toBe(2)
    const resolved = await space.runbook(['resolve', run, 'a', '--as', as, '--reason', 'I looked'])
    expect(resolved.code, resolved.stderr).toBe(0)
    const ran = await space.runbook(['resume', run, '--yes'])
    expect(ran.code, ran.stderr).toBe(code)
    expect(effectsOf(space.root)).toEqual(effects)
    expect(eventsOf(space.root).find(({ type }) => type === 'outcome-resolved')).toMatchObject({
      actor: { id: 'alice@example.com', via: 'resolve' },
      data: { answer: as, reason: 'I looked' },
    })
    await expectNoStepProcess(space.root)
  },
)

/** Environment in which the program finds itself on another machine, or on this one after a restart. */
const elsewhere = {
  machine: `import os from 'node:os'; import fs from 'node:fs'; const read = fs.readFileSync
    os.hostname = () => 'elsewhere'
    fs.readFileSync = (file, ...rest) => (String(file).endsWith('/boot_id') ? 'another' : read(file, ...rest))`,
  renamed: `import os from 'node:os'; os.hostname = () => 'elsewhere'`,
  boot: `import fs from 'node:fs'; const read = fs.readFileSync
    fs.readFileSync = (file, ...rest) => (String(file).endsWith('/boot_id') ? 'another' : read(file, ...rest))`,
}

testInNode.each([
  ['machine', `it was started on ${hostname()}, and what became of it there is not known here`],
  ['boot', 'the machine or its container was restarted while it ran'],
] as const)(
  'a step whose end was not recorded is unknown on another %s, however it ended on its own',
  async (where, why) => {
    using space = runbook(commandStep('a', `${waits}echo a >> effects`))
    await loseTheShim(space)
    const code = `${elsewhere[where]}; import { syncBuiltinESMExports } from 'node:module'; syncBuiltinESMExports()`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
    const { code: exitCode, stderr } = await space.runbook(['resume', 'last', '--yes'], env)
    expect(exitCode, stderr).toBe(5)
    expect(stderr).toContain(why)
    expect(effectsOf(space.root)).toEqual(['a'])
    await expectNoStepProcess(space.root)
  },
)

testInNode('a step resumes on a machine that was renamed meanwhile', async () => {
  using space = runbook(commandStep('a', `${waits}echo a >> effects`))
  await loseTheShim(space)
  const code = `${elsewhere.renamed}; import { syncBuiltinESMExports } from 'node:module'; syncBuiltinESMExports()`
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
  const { code: exitCode, stderr } = await space.runbook(['resume', 'last', '--yes'], env)
  expect(exitCode, stderr).toBe(5)
  expect(stderr).toContain('what started it ended without leaving a receipt')
  expect(stderr).not.toContain('it was started on')
  await expectNoStepProcess(space.root)
})

test('a step or an undo that ends its runner is stopped after three attempts, until a person resumes', async () => {
  const dying = (name: string): string => `echo >> ${name}\ntest -e mended || kill -KILL $PPID`
  const undo = `\n\`\`\`bash undo\n${dying('undos')}\n\`\`\`\n`
  using space = runbook(
    commandStep('a', 'true', 'idempotent', undo) + commandStep('b', dying('tries'), 'idempotent'),
  )
  const times = (name: string): number => readFileSync(join(space.root, name), 'utf8').length
  const { code, stderr } = await space.runbook(['exec', 'r', '--yes'])
  expect(code, stderr).toBe(1)
  expect(stderr).toContain('was lost 3 times in a row')
  expect(times('tries')).toBe(3)
  expect((await space.runbook(['rollback', 'last', '--yes'])).code).toBe(6)
  expect(times('undos')).toBe(3)
  writeFileSync(join(space.root, 'mended'), '')
  const mended = await space.runbook(['rollback', 'last', '--yes'])
  expect(mended.code, mended.stderr).toBe(0)
  expect(times('undos')).toBe(4)
  await expectNoStepProcess(space.root)
})

test('an answer that is none is refused: a made-up one in the inbox is not believed', async () => {
  using space = runbook(commandStep('a', `${waits}echo a >> effects`))
  await loseTheShim(space)
  const run = runIds(space.root)[0] ?? ''
  await space.runbook(['resume', run, '--yes'])
  const inbox = join(space.root, '.runbook/runs', run, 'inbox', `${encodeURIComponent('a#1/resolve')}.json`)
  writeFileSync(inbox, JSON.stringify({ answer: 'fine', reason: 'x', by: { id: 'eve' } }))
  expect((await space.runbook(['resume', run, '--yes'])).code).toBe(5)
  expect((await space.runbook(['resolve', run, 'b', '--as', 'done', '--reason', 'x'])).code).toBe(2)
  expect((await space.runbook(['resolve', run, 'a', '--as', 'fine', '--reason', 'x'])).code).toBe(2)
})

test('a key belongs to an unfinished run until it is resumed or abandoned, and --wait waits for it', async () => {
  using space = runbook(commandStep('a', `${waits}echo a >> effects`))
  const live = start(space.root, ['exec', 'r', '--yes'])
  await untilBegun(live, space)
  const run = runIds(space.root)[0] ?? ''
  const refused = await space.runbook(['exec', 'r', '--yes'])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain(`is held by run ${run} (started by alice@example.com`)
  live.child.kill('SIGKILL')
  await live.ended
  const unfinished = await space.runbook(['exec', 'r', '--yes'])
  expect(unfinished.code).toBe(1)
  expect(unfinished.stderr).toContain(`runbook resume ${run}`)
  const waiting = start(space.root, ['exec', 'r', '--yes', '--wait'])
  await waiting.line('Waiting for the key')
  expect((await space.runbook(['abandon', run])).code, 'a reason is needed').toBe(2)
  const abandoned = await space.runbook(['abandon', run, '--reason', 'it hangs'])
  expect(abandoned.code, abandoned.stderr).toBe(0)
  writeFileSync(join(space.root, 'go'), '')
  expect((await waiting.ended).code).toBe(0)
  expect(eventsOf(space.root, run).at(-1)).toMatchObject({
    type: 'run-ended',
    data: { status: 'abandoned', message: 'it hangs' },
  })
  expect(effectsOf(space.root), 'the step of the abandoned run was ended').toEqual(['a'])
  expect((await space.runbook(['resume', run])).code).toBe(2)
  await expectNoStepProcess(space.root)
})

test('a changed document is shown, and the run goes on with its frozen plan only by the operator’s word', async () => {
  using space = runbook(commandStep('a', 'test -e go') + commandStep('b', 'echo old >> effects'))
  await space.runbook(['exec', 'r', '--yes'])
  writeFileSync(join(space.root, 'go'), '')
  space.write(
    'content/runbooks/r.mdx',
    page(commandStep('a', 'test -e go') + commandStep('b', 'echo new >> effects')),
  )
  const refused = await space.runbook(['resume', 'last', '--yes'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('- echo old >> effects')
  expect(refused.stderr).toContain('+ echo new >> effects')
  const ran = await space.runbook(['resume', 'last', '--yes', '--frozen-plan'])
  expect(ran.code, ran.stderr).toBe(0)
  expect(effectsOf(space.root)).toEqual(['old'])
  expect(eventsOf(space.root).find(({ type }) => type === 'run-resumed')?.data).toMatchObject({
    frozenPlan: true,
  })
})

const guarded =
  commandStep('a', 'echo a >> effects') +
  '<Approval id="go" title="Go?" approvers="bob@example.com">\n\nLook first.\n\n</Approval>\n\n' +
  commandStep('b', 'echo b >> effects') +
  commandStep('c', 'echo c >> effects')

test.each([
  [['--skip', 'a', '--reason', 'done by hand'], 5, []],
  [['--from', 'b'], 5, []],
  [['--only', 'c'], 5, []],
  [['--only', 'a'], 0, ['a']],
  [['--skip', 'go', '--reason', 'in a hurry'], 2, []],
  [['--skip', 'a'], 2, []],
  [['--from', 'bb'], 2, []],
])('exec %j: exit code %i; an approval before a step is never skipped', async (flags, code, effects) => {
  using space = runbook(guarded)
  const ran = await space.runbook(['exec', 'r', '--yes', ...flags])
  expect(ran.code, ran.stderr).toBe(code)
  expect(effectsOf(space.root)).toEqual(effects)
  if (code === 2) expect(runIds(space.root)).toEqual([])
  if (code === 5) {
    const skipped = eventsOf(space.root).filter(({ type }) => type === 'step-skipped')
    expect(skipped.map(({ key }) => key)).toContain('a')
    expect(skipped.map(({ key }) => key)).not.toContain('go')
  }
})

test('a step that may be under way is not skipped', async () => {
  using space = runbook(commandStep('a', `${waits}echo a >> effects`) + commandStep('b', 'echo b >> effects'))
  await loseTheShim(space)
  const ran = await space.runbook(['resume', 'last', '--yes', '--from', 'b'])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain('how it ended is not settled')
})

test('a rollback ends the step that still runs, asks about unknown outcomes, and undoes the rest', async () => {
  const undo = '\n```bash undo\necho undo-a >> effects\n```\n'
  using space = runbook(
    commandStep('a', 'echo a >> effects', '', undo) + commandStep('b', `${waits}echo b >> effects`),
  )
  const live = start(space.root, ['exec', 'r', '--yes'])
  await untilBegun(live, space)
  live.child.kill('SIGKILL')
  await live.ended
  const ran = await space.runbook(['rollback', 'last', '--yes', '--reason', 'wrong version'])
  expect(ran.code, ran.stderr).toBe(0)
  expect(effectsOf(space.root)).toEqual(['a', 'undo-a'])
  await expectNoStepProcess(space.root)
})

test('an abandoned run ends its step, also one whose first line names the program', async () => {
  const step = `<Command id="a" title="A">\n\n\`\`\`text\n#!/bin/sh\n${waits}\`\`\`\n\n</Command>\n`
  using space = runbook(step)
  const live = start(space.root, ['exec', 'r', '--yes'])
  await untilBegun(live, space)
  live.child.kill('SIGKILL')
  await live.ended
  expect((await space.runbook(['abandon', 'last', '--reason', 'enough'])).code).toBe(0)
  await expectNoStepProcess(space.root)
})

test('a run whose plan is gone is named, listed, and can be abandoned', async () => {
  using space = runbook(commandStep('a', 'test -e go'))
  await space.runbook(['exec', 'r', '--yes'])
  rmSync(join(space.root, '.runbook/runs', runIds(space.root)[0] ?? '', 'plan.json'))
  const resumed = await space.runbook(['resume', 'last'])
  expect([resumed.code, resumed.stderr]).toEqual([1, expect.stringContaining('The plan cannot be read')])
  expect((await space.runbook(['runs'])).stdout).toContain('unreadable')
  expect((await space.runbook(['abandon', 'last', '--reason', 'lost'])).code).toBe(0)
})

test('a plan that was changed on the disk is not run', async () => {
  using space = runbook(commandStep('a', 'test -e go'))
  await space.runbook(['exec', 'r', '--yes'])
  const plan = join(space.root, '.runbook/runs', runIds(space.root)[0] ?? '', 'plan.json')
  writeFileSync(plan, readFileSync(plan, 'utf8').replace('test -e go', 'touch evil'))
  const ran = await space.runbook(['resume', 'last', '--yes', '--frozen-plan'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('The plan was changed')
  expect(existsSync(join(space.root, 'evil'))).toBe(false)
})

test.each([33, 35, 62])(
  'killed at its %ith change to the world, a run resumes without asking',
  async (at) => {
    using space = runbook(['a', 'b', 'c'].map((id) => commandStep(id, `echo ${id} >> effects`)).join(''))
    await space.runbook(['exec', 'r', '--yes'], killAt('runner', at))
    const ran = await space.runbook(['resume', 'last', '--yes'])
    expect([0, 2], ran.stderr).toContain(ran.code)
    expect(effectsOf(space.root)).toEqual(['a', 'b', 'c'])
  },
)
