import { fetchByProxy } from '../runner/engine/process/http-proxies.ts'
import { defineCommand, defineProgram, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { duration, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { type ProxyServer, askHAProxy, readBackend } from './adapters/haproxy.ts'
import { waitFor } from './lib/wait.ts'
import { counted } from '../runner/model/counted.ts'

/** The subject of one update. */
interface Rolling {
  socket: string
  backend: string
  /** Path of the readiness probe of an instance. */
  probe: string
  command: string
  limitMs: number
}

const update = defineCommand({
  name: 'update',
  summary:
    'Replace the servers behind HAProxy one after the other: drain, replace, wait until ready, put back in service.',
  args: {},
  options: {
    socket: required(string('path'), 'Runtime socket of HAProxy, with level admin.'),
    backend: withDefault(string('name'), 'app', 'Backend with the servers.'),
    command: required(
      string('shell'),
      'Replaces one server. It gets its name as $SERVER and its host and port as $ADDRESS.',
    ),
    probe: withDefault(string('path'), '/readyz', 'Answers 200 when a server is ready.'),
    limit: withDefault(duration(), '1m', 'Longest wait for one server to drain, and to be ready.'),
  },
  effect: 'write',
  examples: [
    'runbook rolling --socket /run/haproxy/admin.sock --backend app --command \'ssh "$SERVER" systemctl restart app\'',
  ],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const rolling = {
      socket: options.socket,
      backend: options.backend,
      probe: options.probe,
      command: options.command,
      limitMs: options.limit,
    }
    const servers = await readBackend(rolling.socket, rolling.backend)
    refuseUnready(servers, rolling.backend)
    const names = [...servers.keys()]
    if (dryRun)
      return {
        document: { ok: true, dryRun: true, backend: rolling.backend, servers: names },
        text: names
          .map(
            (name) =>
              `! would drain ${rolling.backend}/${name}, run the command, and wait until it is ready\n`,
          )
          .join(''),
      }
    for (const [name, { address }] of servers) {
      await replace(rolling, name, address)
      if (!io.json) process.stderr.write(`+ ${rolling.backend}/${name} is replaced and has its share again\n`)
    }
    return {
      document: { ok: true, backend: rolling.backend, servers: names },
      text: `${counted(names.length, 'server')} replaced, never more than one out at a time\n`,
    }
  },
})

/** With one out already, taking a second one out is more than the others were planned to carry. */
function refuseUnready(servers: ReadonlyMap<string, ProxyServer>, backend: string): void {
  const out = [...servers].filter(([, { serving }]) => !serving).map(([name]) => name)
  if (out.length === 0 && servers.size > 1) return
  throw new CliError(
    exit.failed,
    `${backend} cannot spare a server: ${out.length > 0 ? `out already: ${out.join(', ')}` : 'it has only one'}`,
    'Bring every server back first, or add one; then run this again.',
  )
}

async function replace(rolling: Rolling, name: string, address: string): Promise<void> {
  const { socket, backend, limitMs } = rolling
  const one = `${backend}/${name}`
  const others = 'The servers after it still run what they ran.'
  await askHAProxy(socket, `set server ${one} state drain`)
  const empty = await waitFor(
    async () => ((await read(rolling, name)).sessions === 0 ? true : undefined),
    limitMs,
  )
  if (empty === undefined) {
    await askHAProxy(socket, `set server ${one} state ready`)
    throw new CliError(
      exit.failed,
      `${one} still answers requests after ${limitMs / 1000} seconds: it has its share again and was not replaced. ${others}`,
      'Allow more with --limit, or look for requests that never end.',
    )
  }
  const code = await shell(rolling.command, { SERVER: name, ADDRESS: address })
  const ready = code === 0 && (await waitFor(() => answers(`http://${address}${rolling.probe}`), limitMs))
  if (ready !== true)
    throw new CliError(
      exit.failed,
      `${
        code === 0
          ? `${one} is not ready after ${limitMs / 1000} seconds`
          : `The command for ${one} ended with ${code}`
      }: it gets no requests. ${others}`,
      `Fix it, then: echo "set server ${one} state ready" | socat stdio ${socket}`,
    )
  await askHAProxy(socket, `set server ${one} state ready`)
  const back = await waitFor(async () => ((await read(rolling, name)).serving ? true : undefined), limitMs)
  if (back === undefined)
    throw new CliError(
      exit.failed,
      `${one} is ready, and HAProxy does not use it: its health check fails. ${others}`,
      'Compare the check in its configuration with --probe.',
    )
}

async function read({ socket, backend }: Rolling, name: string): Promise<ProxyServer> {
  const server = (await readBackend(socket, backend)).get(name)
  if (server !== undefined) return server
  throw new CliError(
    exit.failed,
    `${backend}/${name} is gone: somebody else changed the configuration`,
    'Look who, then start again.',
  )
}

/** Runs the command; what it prints goes to standard error, so that standard output stays one document. */
async function shell(text: string, env: Record<string, string>): Promise<number | null> {
  const child = spawn('bash', ['-c', text], { env: { ...process.env, ...env }, stdio: ['ignore', 2, 2] })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

async function answers(url: string): Promise<true | undefined> {
  const response = await fetchByProxy(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true || undefined
}

export const program = defineProgram({
  name: 'runbook rolling',
  summary: 'Update the servers behind HAProxy, one at a time.',
  commands: [update],
  fallback: 'update',
})

if (import.meta.main) await runProgram(program)
