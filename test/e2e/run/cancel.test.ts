import { asText } from '../../../runner/model/values/json.ts'
import { existsSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf, expectNoStepProcess, runIds, stepProcesses } from '../../support/attack/attack.ts'
import { start } from '../../support/live.ts'
import type { Live } from '../../support/live.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

/** Says that it has begun, by a file, before it does what it is about. */
const began = 'touch began\n'

const untilBegun = (live: Live, { root }: Workspace): Promise<void> =>
  live.until(() => existsSync(join(root, 'began')))

function runbook(steps: string, frontmatter = ''): Workspace {
  return workspace({ 'content/runbooks/r.mdx': page(steps, frontmatter) })
}

const ended = (space: Workspace) => eventsOf(space.root).find(({ type }) => type === 'step-ended')?.data

test.each([
  ['', ''],
  ['with secrets to redact', 'inputs:\n  token:\n    type: secret\n'],
])('a timeout of 300 ms ends a step whose grandchild holds the pipe %s', async (_, frontmatter) => {
  using space = runbook(commandStep('hold', 'sleep 61 & sleep 62', 'timeout="300ms"'), frontmatter)
  const { code, stderr } = await space.runbook(['exec', 'r', '--yes'], {
    RUNBOOK_INPUT_TOKEN: 'hunter2hunter2',
  })
  expect(code, stderr).toBe(1)
  expect(ended(space)).toMatchObject({ status: 'timeout' })
  const data = ended(space)?.['data'] as { process: { ms: number } } | undefined
  const ms = data?.process.ms
  expect(ms).toBeGreaterThanOrEqual(300)
  expect(ms).toBeLessThan(1300)
  await expectNoStepProcess(space.root)
})

test('a limit of a month, longer than a timer can be, does not end a step at once', async () => {
  const server = createServer((_, response) => void response.end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const request = `\`\`\`http\nGET http://127.0.0.1:${port}/\n\`\`\``
  using space = runbook(
    `${commandStep('work', 'sleep 0.2', 'timeout="30d"')}\n<Http id="ask" title="Ask" timeout="30d">\n\n${request}\n\n</Http>\n`,
  )
  const { code, stderr } = await space.runbook(['exec', 'r', '--yes'])
  server.close()
  expect(code, stderr).toBe(0)
})

test('a tree that ignores SIGTERM is killed after the grace time', async () => {
  using space = runbook(
    commandStep(
      'stubborn',
      `trap '' TERM\nbash -c "trap '' TERM; sleep 63" &\nsleep 64; sleep 65`,
      'timeout="300ms"',
    ),
  )
  const { code } = await space.runbook(['exec', 'r', '--yes'], { RUNBOOK_GRACE: '300ms' })
  expect(code).toBe(1)
  expect(ended(space)).toMatchObject({ status: 'timeout' })
  await expectNoStepProcess(space.root)
})

test('what a step leaves in its group is ended with it, and what fled into a session of its own is named', async () => {
  using space = runbook(
    commandStep(
      'leave',
      'sleep 66 &\nsetsid sleep 67 &\n while ! pgrep -f "^sleep 67$" >/dev/null; do :; done',
    ),
  )
  const { code, stderr } = await space.runbook(['exec', 'r', '--yes'])
  expect(code, stderr).toBe(0)
  const left = eventsOf(space.root).filter(({ type }) => type === 'process-left')
  expect(left.map(({ data }) => data['command'])).toEqual(['sleep 67'])
  expect(stderr).toContain(`Process left running: ${asText(left[0]?.data['pid'])}, sleep 67; it is in`)
  const processes = stepProcesses(space.root)
  expect(processes.map(({ command }) => command)).toEqual(['sleep 67'])
  const doctor = await space.runbook(['doctor'])
  expect(doctor.stdout).toContain('is still running: sleep 67')
  for (const { pid } of processes) process.kill(pid, 'SIGKILL')
  await expectNoStepProcess(space.root)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('the first %s stops the step, journals it and says how to go on', async (signal, code) => {
  using space = runbook(commandStep('long', `${began}sleep 68`))
  const live = start(space.root, ['exec', 'r', '--yes'])
  await untilBegun(live, space)
  live.child.kill(signal)
  const ran = await live.ended
  expect(ran.code, ran.stderr).toBe(code)
  expect(ran.stderr).toContain(`Go on with: runbook resume ${runIds(space.root)[0]}`)
  expect(ended(space)).toMatchObject({ status: 'cancelled' })
  expect(eventsOf(space.root).at(-1)).toMatchObject({ type: 'run-paused' })
  await expectNoStepProcess(space.root)
})

test('the second Ctrl-C ends at once what ignores the first, and leaves nothing', async () => {
  using space = runbook(commandStep('stubborn', `trap '' TERM\n${began}sleep 69; sleep 70; sleep 71`))
  const live = start(space.root, ['exec', 'r', '--yes'])
  await untilBegun(live, space)
  live.child.kill('SIGINT')
  await live.line('Stopping the step')
  live.child.kill('SIGINT')
  const ran = await live.ended
  expect(ran.code).toBe(130)
  expect(ended(space)).toMatchObject({ status: 'cancelled' })
  await expectNoStepProcess(space.root)
})

test('a reader that goes away neither stops the run nor fails it', async () => {
  using space = runbook(
    commandStep('a', `${began}while ! test -e go; do sleep 0.02; done; seq 1000`) +
      commandStep('b', 'echo b > b'),
  )
  const live = start(space.root, ['exec', 'r', '--yes', '--json'])
  await untilBegun(live, space)
  live.child.stdout?.destroy()
  live.child.stderr?.destroy()
  writeFileSync(join(space.root, 'go'), '')
  expect((await live.ended).code).toBe(0)
  expect(existsSync(join(space.root, 'b'))).toBe(true)
})

test('a runner killed in a step leaves the step; the resume waits for it and does not repeat it', async () => {
  using space = runbook(
    commandStep('slow', `${began}while ! test -e go; do sleep 0.02; done; echo slow >> effects`) +
      commandStep('next', 'echo next >> effects'),
  )
  const live = start(space.root, ['exec', 'r', '--yes'])
  await untilBegun(live, space)
  live.child.kill('SIGKILL')
  await live.ended
  expect(stepProcesses(space.root).length).toBeGreaterThan(0)
  const resumed = start(space.root, ['resume', 'last', '--yes', '--json'])
  await resumed.line('run-resumed')
  writeFileSync(join(space.root, 'go'), '')
  const ran = await resumed.ended
  expect(ran.code, ran.stderr).toBe(0)
  expect(ended(space)).toMatchObject({ status: 'passed', data: { process: { adopted: true } } })
  expect(await import('node:fs').then((fs) => fs.readFileSync(join(space.root, 'effects'), 'utf8'))).toBe(
    'slow\nnext\n',
  )
  await expectNoStepProcess(space.root)
})

test('with --rollback-on-cancel what was done is undone when the run is stopped', async () => {
  const undo = '\n```bash undo\nrm done\n```\n'
  using space = runbook(commandStep('do', 'touch done', '', undo) + commandStep('long', `${began}sleep 72`))
  const live = start(space.root, ['exec', 'r', '--yes', '--rollback-on-cancel'])
  await untilBegun(live, space)
  live.child.kill('SIGINT')
  const ran = await live.ended
  expect(ran.stderr).toContain('undone: do')
  expect(existsSync(join(space.root, 'done'))).toBe(false)
  await expectNoStepProcess(space.root)
})
