import { execFileSync, spawn } from 'node:child_process'
import type { IOType } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { connect as connectTo, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Stream } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

interface Client extends AsyncDisposable {
  /** Sends a request; its result. */
  ask(method: string, params: object): Promise<{ structuredContent: Record<string, unknown> }>
  /** Closes the pipes, as a client that was killed does; the exit code of the server, and its signal. */
  leave(): Promise<unknown[]>
}

const env = { ...process.env, RUNBOOK_ACTOR: 'alice@example.com', RUNBOOK_SIGNING_KEY: 'none' }

/** A server that only reads, on the given standard input and output. */
function serverOn(root: string, input: Stream | number, output: Stream | IOType | number) {
  return spawn(process.execPath, [binary, 'mcp'], { cwd: root, env, stdio: [input, output, 'ignore'] })
}

const greeting = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test-agent', version: '1.0.0' },
}
const initialize = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: greeting })}\n`

/** An agent that speaks the protocol over pipes of its own, so that it can break them. */
async function connect(root: string, options: readonly string[]): Promise<Client> {
  const server = spawn(process.execPath, [binary, 'mcp', ...options], {
    cwd: root,
    env,
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
  await ask('initialize', greeting)
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

test('runbook mcp ends with code 0 at the end of a file, which is never closed', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('look', 'true')),
    requests: initialize,
  })
  await using requests = await open(join(space.root, 'requests'))
  const server = serverOn(space.root, requests.fd, 'ignore')
  expect(await once(server, 'exit')).toEqual([0, null])
})

/** A file of requests: a greeting, and some calls of tools that read many documents. */
function requestFile(calls: readonly string[]): string {
  const messages = calls.map((name, at) => ({
    id: at + 2,
    method: 'tools/call',
    params: { name, arguments: {} },
  }))
  const lines = [{ method: 'notifications/initialized' }, ...messages, { id: 'last', method: 'ping' }]
  return initialize + lines.map((line) => `${JSON.stringify({ jsonrpc: '2.0', ...line })}\n`).join('')
}

test('runbook mcp answers all requests of a file, which ends before the answers, and ends with code 0', async () => {
  const calls = ['check', 'list', 'no-such-tool', 'check', 'list']
  using space = workspace({
    ...Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [
        `content/runbooks/${at}.mdx`,
        page(commandStep('look', 'true')),
      ]),
    ),
    requests: requestFile(calls),
  })
  await using requests = await open(join(space.root, 'requests'))
  await using answers = await open(join(space.root, 'answers'), 'w+')
  const server = serverOn(space.root, requests.fd, answers.fd)
  expect(await once(server, 'exit')).toEqual([0, null])
  const lines = (await readFile(join(space.root, 'answers'), 'utf8')).trim().split('\n')
  const ids = [1, ...calls.map((_, at) => at + 2), 'last']
  expect(lines.map((line) => String(JSON.parse(line).id)).toSorted()).toEqual(ids.map(String).toSorted())
})

test('runbook mcp ends with code 0 when its connection is reset, which closes it without an end', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('look', 'true')) })
  const listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = connectTo((listener.address() as AddressInfo).port, '127.0.0.1')
  const [end] = (await once(listener, 'connection')) as [Socket]
  const server = serverOn(space.root, end, end)
  const ended = once(server, 'exit')
  end.destroy()
  listener.close()
  client.write(initialize)
  await once(client, 'data')
  client.resetAndDestroy()
  expect(await ended).toEqual([0, null])
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
  const ended = await Promise.race([
    client.leave(),
    pause(60_000, 'the server waits for the run', { ref: false }),
  ])
  await writeFile(join(space.root, 'held'), 'go on\n')
  expect(ended).toEqual([0, null])
  const { taskId } = task as { taskId: string }
  await expect.poll(() => readRun(join(space.root, '.runbook'), taskId).state.status).toBe('succeeded')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'runbook mcp that %s ends while it answers says so, and ends with code %i',
  async (signal, code) => {
    using space = workspace({
      'content/runbooks/x.mdx': page(commandStep('a', 'if true; then true; fi')),
      'bin/shellcheck': '#!/bin/sh\ncd "$(dirname "$0")/.."; touch began; read -r _ < held\n',
    })
    chmodSync(join(space.root, 'bin/shellcheck'), 0o755)
    execFileSync('mkfifo', ['held'], { cwd: space.root })
    const server = spawn(process.execPath, [binary, 'mcp', '--quiet'], {
      cwd: space.root,
      env: { ...env, PATH: `${join(space.root, 'bin')}:${process.env['PATH']}`, RUNBOOK_CACHE: 'off' },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    const [said, ended] = [text(server.stderr), once(server, 'exit')]
    const call = { id: 2, method: 'tools/call', params: { name: 'check', arguments: { runbook: 'x' } } }
    server.stdin.write(initialize + `${JSON.stringify({ jsonrpc: '2.0', ...call })}\n`)
    await expect.poll(() => existsSync(join(space.root, 'began'))).toBe(true)
    server.kill(signal)
    // The shell reads to its end, and the server then leaves.
    await writeFile(join(space.root, 'held'), 'go on\n')
    expect(await said).toBe('Interrupted. 1 request of the agent left without an answer.\n')
    expect(await ended).toEqual([code, null])
  },
)
