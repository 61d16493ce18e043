import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { traceParent } from '../../../runner/telemetry/span-ids.ts'
import { agentOf } from '../../support/agents/agent.ts'
import type { Agent, Answer } from '../../support/agents/agent.ts'
import { frames, startActing } from '../../support/servers/acting.ts'
import { patienceMs } from '../../support/patience.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const look = commandStep('look', 'echo seen', 'effect="read"')
const gated = page(
  [
    look,
    commandStep('deploy', 'echo deployed >> effects; echo "$TRACEPARENT" > trace'),
    '<Approval id="go" title="Go or no-go" approvers="bob@example.com"/>\n',
    commandStep('announce', 'echo announced >> effects', 'agents="write"'),
  ].join('\n'),
  'concurrency: gated\ninputs:\n  version: { type: string }\n  token: { type: secret, required: false }\n',
)

const people = { RUNBOOK_SIGNING_KEY: 'none' }

/** The task of a run once it has one of these states. */
async function until(agent: Agent, run: string, ...states: string[]): Promise<Answer> {
  for (const began = Date.now(); ; await sleep(50)) {
    const status = await agent.call('run_status', { run })
    if (states.includes(status['task'].status)) return status
    if (Date.now() - began > patienceMs)
      throw new Error(`The run does not reach it: ${JSON.stringify(status)}`)
  }
}

test('a server without --allow-exec has tools that read, and none that runs or decides', async () => {
  const promised = page(look, 'drill: { every: 30d }\nreviewed: 2026-01-01\n')
  using space = workspace({
    'content/runbooks/gated.mdx': gated,
    'content/runbooks/drilled.mdx': promised,
    'content/people.yaml': 'a key that is unknown: 1\n',
  })
  await using agent = await agentOf(space)
  const { tools } = await agent.client.listTools()
  expect(tools.map(({ name }) => name).toSorted()).toEqual([
    'check',
    'list_runbooks',
    'plan',
    'read_output',
    'read_runbook',
    'read_step',
    'rollback_plan',
    'run_status',
  ])
  expect(await agent.call('list_runbooks')).toMatchObject({
    runbooks: [{ slug: 'drilled' }, { slug: 'gated', steps: 4 }],
  })
  expect((await agent.call('read_runbook', { runbook: 'gated' }))['text']).toContain('Go or no-go')
  expect(await agent.call('read_step', { runbook: 'gated', step: 'look' })).toMatchObject({
    scripts: [{ role: 'main', code: 'echo seen' }],
  })
  const { findings } = await agent.call('check', { runbook: 'drilled' })
  expect(findings).toMatchObject([{ code: 'drill-overdue', severity: 'warning' }])
  expect(await agent.call('read_runbook', { runbook: '../../etc/passwd' })).not.toHaveProperty('text')
  const skill = await agent.client.readResource({ uri: 'skill://gated/SKILL.md' })
  expect(JSON.stringify(skill)).toContain('Do not type the commands')
  expect(existsSync(join(space.root, '.runbook'))).toBe(false)
})

test('an agent plans, a person lets a step run and another approves, and the task completes', async () => {
  using space = workspace({ 'content/runbooks/gated.mdx': gated, ...frames(['gated']) })
  await using agent = await agentOf(space, ['--allow-exec', 'real', '--allow-write'], people)
  const inputs = { version: '@effects' }
  const plan = await agent.call('plan', { runbook: 'gated', inputs })
  expect(plan['steps']).toMatchObject([
    { id: 'look', writes: false },
    { id: 'deploy', writes: true, waitsFor: 'a person who lets it run' },
    { id: 'go', waitsFor: 'a person', approvers: 'bob@example.com' },
    { id: 'announce', writes: true },
  ])
  const request = { runbook: 'gated', inputs, digest: plan['digest'] }
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const run = (await agent.call('exec', request, { traceparent }))['task'].taskId as string
  const asked = await until(agent, run, 'input_required')
  expect(asked['task'].forPerson).toMatchObject({
    step: 'deploy',
    command: 'runbook serve',
    mayDecide: ['alice@example.com'],
  })
  expect(existsSync(join(space.root, 'effects'))).toBe(false)
  // The same request again starts nothing.
  expect((await agent.call('exec', request))['task'].taskId).toBe(run)
  const server = await startActing(space)
  await server.post(await server.form(`runs/${run}/`, '/answer'), { answer: 'run' })
  await server.stop()
  await expect.poll(async () => (await agent.call('run_status', { run }))['task'].forPerson?.step).toBe('go')
  const own = await space.runbook(['approve', run, 'go', '--yes'], people)
  expect(own.stderr).toContain('nobody approves their own run')
  const approved = await space.runbook(['approve', run, 'go', '--yes'], {
    ...people,
    RUNBOOK_ACTOR: 'bob@example.com',
  })
  expect(approved.code, approved.stderr).toBe(0)
  const done = await until(agent, run, 'completed')
  expect(done['decisions'].join('\n')).toMatch(/alice@example.com, agent test-agent/)
  expect(readFileSync(join(space.root, 'effects'), 'utf8')).toBe('deployed\nannounced\n')
  expect(await agent.call('read_output', { run, step: 'look' })).toMatchObject({
    output: [{ end: 'seen\n' }],
  })
  const log = await space.runbook(['log', run])
  expect(log.stdout).toContain('by alice@example.com, through the agent test-agent on')
  const wanted = ['require', 'gated', '-i', 'version=@effects.txt', '--allow-unsigned']
  space.write('effects.txt', '@effects')
  expect((await space.runbook(wanted, people)).code).toBe(0)
  const refused = await space.runbook([...wanted, '--no-agent-decided'], people)
  expect(refused.stderr).toContain('the agent `test-agent` made a decision in it')
  const [first] = readRun(join(space.root, '.runbook'), run).events
  expect(first).toMatchObject({
    actor: { id: 'alice@example.com', via: 'agent', client: 'test-agent' },
    data: { traceparent, inputs },
  })
  // The programs of a step continue the trace of the run, under the span of the attempt.
  const trace = readFileSync(join(space.root, 'trace'), 'utf8').trim()
  expect(trace).toBe(traceParent(run, 'step deploy#1'))
  expect(
    await agent.client.request({ method: 'tasks/get', params: { taskId: run } } as never, anything),
  ).toMatchObject({ taskId: run, status: 'completed' })
})

/** A schema that accepts every object. */
const anything = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as never

test('nothing runs for a digest of another plan, a secret from an agent, or a runbook that was not named', async () => {
  using space = workspace({ 'content/runbooks/gated.mdx': gated, 'content/runbooks/other.mdx': gated })
  await using agent = await agentOf(space, ['--allow-exec', 'real', '--runbooks', 'gated'], people)
  const inputs = { version: '1' }
  const { digest } = await agent.call('plan', { runbook: 'gated', inputs })
  const refused = async (args: Record<string, unknown>): Promise<string> =>
    JSON.stringify(await agent.call('exec', args))
  expect(await refused({ runbook: 'gated', inputs: { version: '2' }, digest })).toContain(
    'not that of the plan',
  )
  expect(
    await refused({ runbook: 'gated', inputs: { version: '1', token: 'a-long-secret' }, digest }),
  ).toContain('not taken from an agent')
  const other = await agent.call('plan', { runbook: 'other', inputs })
  expect(await refused({ runbook: 'other', inputs, digest: other['digest'] })).toContain(
    'not one that this server runs',
  )
  space.write('content/runbooks/gated.mdx', gated.replace('echo seen', 'echo changed'))
  expect(await refused({ runbook: 'gated', inputs, digest })).toContain('not that of the plan')
  expect(existsSync(join(space.root, '.runbook/runs'))).toBe(false)
})

test('an agent stops its run and resumes it, and leaves the runs of people alone', async () => {
  using space = workspace({ 'content/runbooks/gated.mdx': gated })
  await using agent = await agentOf(space, ['--allow-exec', 'practice'], people)
  const inputs = { version: '1' }
  const { digest } = await agent.call('plan', { runbook: 'gated', inputs })
  const run = (await agent.call('exec', { runbook: 'gated', inputs, digest }))['task'].taskId as string
  await until(agent, run, 'input_required')
  await agent.call('cancel', { run })
  await until(agent, run, 'cancelled')
  await agent.call('resume', { run })
  expect((await until(agent, run, 'input_required'))['practice']).toBe(true)
  await agent.call('cancel', { run })
  await until(agent, run, 'cancelled')
  await space.runbook(['abandon', run, '--reason', 'over'], people)
  const own = await space.runbook(['exec', 'gated', '-i', 'version=1', '--practice'], people)
  const [theirs] = /\d{8}-\d{6}-gated-\w{4}/.exec(own.stderr) ?? []
  expect(JSON.stringify(await agent.call('resume', { run: theirs }))).toContain('started by a person')
  expect(JSON.stringify(await agent.call('cancel', { run: theirs }))).toContain('started by a person')
})

test('a server whose agent closes standard input ends with code 0 and prints no warning', async () => {
  using space = workspace({ 'content/runbooks/gated.mdx': gated })
  const { code, stdout, stderr } = await space.runbook(['mcp'])
  expect([code, stdout, stderr]).toEqual([
    0,
    '',
    'An agent is served on standard input and output; it reads only.\n',
  ])
})
