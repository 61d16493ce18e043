import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

interface Client extends AsyncDisposable {
  /** Sends a request; its result. */
  ask(method: string, params: object): Promise<{ structuredContent: Record<string, unknown> }>
  /** Closes the pipes, as a client that was killed does; the exit code of the server, and its signal. */
  leave(): Promise<unknown[]>
}

/** An agent that speaks the protocol over pipes of its own, so that it can break them. */
async function connect(root: string, options: readonly string[]): Promise<Client> {
  const server = spawn(process.execPath, [binary, 'mcp', ...options], {
    cwd: root,
    env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com', RUNBOOK_SIGNING_KEY: 'none' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = once(server, 'exit')
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  const send = (message: object): boolean =>
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  let asked = 0
  const ask: Client['ask'] = async (method, params) => {
    const id = (asked += 1)
    send({ id, method, params })
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`No answer to ${method}`)
      const { id: answered, result, error } = JSON.parse(value)
      if (error !== undefined) throw new Error(JSON.stringify(error))
      if (answered === id) return result
    }
  }
  await ask('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test-agent', version: '1.0.0' },
  })
  send({ method: 'notifications/initialized' })
  return {
    ask,
    leave() {
      server.stdin.destroy()
      server.stdout.destroy()
      return ended
    },
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL')
      await ended
    },
  }
}

test('runbook mcp ends with code 0 when its client closes the pipes', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('look', 'true')) })
  await using client = await connect(space.root, [])
  expect(await client.leave()).toEqual([0, null])
})

test('runbook mcp ends with its client while a run goes on, and the run ends', async () => {
  const script = 'echo waits > began\nread -r _ < held'
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('wait', script, 'effect="read"')),
  })
  execFileSync('mkfifo', ['began', 'held'], { cwd: space.root })
  await using client = await connect(space.root, ['--allow-exec', 'real'])
  const call = async (name: string, args: object): Promise<Record<string, unknown>> =>
    (await client.ask('tools/call', { name, arguments: args })).structuredContent
  const { digest } = await call('plan', { runbook: 'x' })
  const { task } = await call('exec', { runbook: 'x', digest })
  expect(await readFile(join(space.root, 'began'), 'utf8')).toBe('waits\n')
  expect(await client.leave()).toEqual([0, null])
  await writeFile(join(space.root, 'held'), 'go on\n')
  const { taskId } = task as { taskId: string }
  await expect
    .poll(() => readRun(join(space.root, '.runbook'), taskId).state.status, { timeout: 30_000 })
    .toBe('succeeded')
})
