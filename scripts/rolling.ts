import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { type ProxyServer, askHAProxy, readBackend } from './lib/haproxy.ts'
import { runProgram } from './lib/program.ts'
import { duration, required } from './lib/values.ts'
import { waitFor } from './lib/wait.ts'

/** What one update works on. */
interface Rolling {
  socket: string
  backend: string
  /** Path of the readiness probe of an instance. */
  probe: string
  command: string
  limitMs: number
}

const update = command({
  summary:
    'replaces the servers behind HAProxy one after the other: drain, replace, wait until ready, take back in.',
  options: {
    socket: { type: 'string', value: 'PATH', help: 'Runtime socket of HAProxy, with level admin.' },
    backend: { type: 'string', value: 'NAME', help: 'Backend with the servers (default app).' },
    command: {
      type: 'string',
      value: 'SHELL',
      help: 'Replaces one server. It gets its name as $SERVER and its host and port as $ADDRESS.',
    },
    probe: { type: 'string', value: 'PATH', help: 'Answers 200 when a server is ready (default /readyz).' },
    limit: {
      type: 'string',
      value: 'TIME',
      help: 'Longest wait for one server to drain, and to be ready (default 1m).',
    },
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: [
    'node scripts/rolling.ts --socket /run/haproxy/admin.sock --backend app --command \'ssh "$SERVER" systemctl restart app\'',
  ],
  async run(values): Promise<Outcome> {
    const rolling = {
      socket: required(values.socket, '--socket'),
      backend: values.backend ?? 'app',
      probe: values.probe ?? '/readyz',
      command: required(values.command, '--command'),
      limitMs: duration(values.limit ?? '1m', '--limit'),
    }
    const servers = await readBackend(rolling.socket, rolling.backend)
    refuseUnready(servers, rolling.backend)
    const names = [...servers.keys()]
    if (values['dry-run'] === true)
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
      if (values.json !== true)
        process.stderr.write(`+ ${rolling.backend}/${name} is replaced and has its share again\n`)
    }
    return {
      document: { ok: true, backend: rolling.backend, servers: names },
      text: `${names.length} servers replaced, never more than one out at a time\n`,
    }
  },
})

/** With one out already, taking a second one out is more than the others were planned to carry. */
function refuseUnready(servers: ReadonlyMap<string, ProxyServer>, backend: string): void {
  const out = [...servers].filter(([, { serving }]) => !serving).map(([name]) => name)
  if (out.length === 0 && servers.size > 1) return
  throw new Failure(
    `${backend} cannot spare a server.`,
    out.length > 0 ? `Out already: ${out.join(', ')}.` : 'It has only one.',
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
    throw new Failure(
      `${one} still answers requests after ${limitMs / 1000} seconds.`,
      `It has its share again and was not replaced. ${others}`,
      'Allow more with --limit, or look for requests that never end.',
    )
  }
  const code = await shell(rolling.command, { SERVER: name, ADDRESS: address })
  const ready = code === 0 && (await waitFor(() => answers(`http://${address}${rolling.probe}`), limitMs))
  if (ready !== true)
    throw new Failure(
      code === 0
        ? `${one} is not ready after ${limitMs / 1000} seconds.`
        : `The command for ${one} ended with ${code}.`,
      `It gets no requests. ${others}`,
      `Mend it, then: echo "set server ${one} state ready" | socat stdio ${socket}`,
    )
  await askHAProxy(socket, `set server ${one} state ready`)
  const back = await waitFor(async () => ((await read(rolling, name)).serving ? true : undefined), limitMs)
  if (back === undefined)
    throw new Failure(
      `${one} is ready, and HAProxy does not use it.`,
      `Its health check fails. ${others}`,
      'Compare the check in its configuration with --probe.',
    )
}

async function read({ socket, backend }: Rolling, name: string): Promise<ProxyServer> {
  const server = (await readBackend(socket, backend)).get(name)
  if (server !== undefined) return server
  throw new Failure(
    `${backend}/${name} is gone.`,
    'Somebody else changed the configuration.',
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
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true || undefined
}

export const program: Program = {
  name: 'node scripts/rolling.ts',
  summary: 'a rolling update of the servers behind HAProxy, one at a time.',
  commands: { update },
  fallback: 'update',
}

if (import.meta.main) await runProgram(program)
