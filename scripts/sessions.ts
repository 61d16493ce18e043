import { defineCommand, defineProgram, many, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport, Values } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { string } from '../runner/kit/types.ts'
import { suggestion } from '../runner/model/suggest.ts'
import { askHAProxy, readBackend } from './adapters/haproxy.ts'
import type { ProxyServer } from './adapters/haproxy.ts'

const BACKEND = {
  socket: required(string('path'), 'Runtime socket of HAProxy, with level admin.'),
  backend: withDefault(string('name'), 'app', 'Backend with the servers.'),
  server: many(string('name'), 'Only this server. Default: every one.'),
}

async function serversOf({
  socket,
  backend,
  server,
}: Values<typeof BACKEND>): Promise<[string, ProxyServer][]> {
  const all = await readBackend(socket, backend)
  const unknown = server.find((name) => !all.has(name))
  if (unknown !== undefined)
    throw new CliError(
      exit.usage,
      `Unknown server \`${backend}/${unknown}\``,
      suggestion(unknown, [...all.keys()]),
    )
  return [...all].filter(([name]) => server.length === 0 || server.includes(name))
}

async function setState(
  options: Values<typeof BACKEND>,
  state: 'drain' | 'ready',
  dryRun: boolean,
): Promise<CommandReport> {
  const names = (await serversOf(options)).map(([name]) => name)
  const { socket, backend } = options
  if (!dryRun)
    for (const name of names) await askHAProxy(socket, `set server ${backend}/${name} state ${state}`)
  const sign = dryRun ? '! would set' : '+'
  return {
    document: { ok: true, dryRun, state, servers: names },
    text: names.map((name) => `${sign} ${backend}/${name} ${state}\n`).join(''),
  }
}

const drain = defineCommand({
  name: 'drain',
  summary: 'Give servers no new sessions. Those that are open go on.',
  args: {},
  options: BACKEND,
  effect: 'write',
  examples: ['runbook sessions drain --socket /run/haproxy/admin.sock --backend app'],
  run: ({ options, dryRun }) => setState(options, 'drain', dryRun),
})

const ready = defineCommand({
  name: 'ready',
  summary: 'Give servers new sessions again.',
  args: {},
  options: BACKEND,
  effect: 'write',
  examples: ['runbook sessions ready --socket /run/haproxy/admin.sock --backend app'],
  run: ({ options, dryRun }) => setState(options, 'ready', dryRun),
})

const count = defineCommand({
  name: 'count',
  summary:
    'Count the open sessions of servers. Exits with 1 while there is one, or while a server takes new ones.',
  args: {},
  options: BACKEND,
  effect: 'read',
  examples: ['runbook sessions count --socket /run/haproxy/admin.sock --backend app'],
  async run({ options }): Promise<CommandReport> {
    const servers = (await serversOf(options)).map(([name, { sessions, serving }]) => ({
      name,
      sessions,
      serving,
    }))
    const ok = servers.every(({ sessions, serving }) => sessions === 0 && !serving)
    return {
      document: { ok, servers },
      text: servers
        .map(
          ({ name, sessions, serving }) =>
            `${String(sessions).padStart(6)}  ${options.backend}/${name}${serving ? ', takes new ones' : ''}\n`,
        )
        .join(''),
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Wait, or end them: runbook exec session-drain',
    }
  },
})

export const program = defineProgram({
  name: 'runbook sessions',
  summary: 'Drain servers behind HAProxy: no new sessions, and how many are still open.',
  commands: [drain, count, ready],
})

if (import.meta.main) await runProgram(program)
