import { DEFAULT_DIR, DIR, fault, reset, status } from './lab/commands.ts'
import { COLORS, type Ports, loopback } from './lab/model.ts'
import { loadText } from './lab/report.ts'
import { SERVER_NAMES, type ServerName } from './lab/servers.ts'
import { untilStopped } from './lab/signals.ts'
import { type Lab, type StartRequest, startLab } from './lab/start.ts'
import { COMMON } from './lib/args.ts'
import { type Program, command } from './lib/command.ts'
import { usageFailure } from './lib/failure.ts'
import { runProgram } from './lib/program.ts'
import { suggestion } from './lib/suggest.ts'
import { integer } from './lib/values.ts'

const DEFAULT_PORT = '47100'
const MAX_LOAD = 5000

const start = command({
  summary: 'starts the lab in the foreground. Stop it with Ctrl-C.',
  options: {
    ...DIR,
    port: {
      type: 'string',
      value: 'PORT',
      help: `Switch; admin, blue and green follow (default ${DEFAULT_PORT}; 0 takes free ones).`,
    },
    'switch-port': { type: 'string', value: 'PORT', help: 'Port of the switch alone.' },
    'admin-port': { type: 'string', value: 'PORT', help: 'Port of the admin API alone.' },
    'blue-port': { type: 'string', value: 'PORT', help: 'Port of blue alone.' },
    'green-port': { type: 'string', value: 'PORT', help: 'Port of green alone.' },
    load: { type: 'string', value: 'N', help: 'Send N requests per second through the switch (default 0).' },
    with: {
      type: 'string',
      value: 'NAMES',
      help: `Servers of the system's packages to run with it: ${SERVER_NAMES.join(', ')}.`,
    },
    'with-parent': {
      type: 'boolean',
      help: 'Also stop when standard input closes or the parent process ends.',
    },
    quiet: { type: 'boolean', help: 'No progress on standard error.' },
    ...COMMON,
  } as const,
  examples: [
    'node scripts/lab.ts --load 50',
    'node scripts/lab.ts --with haproxy,prometheus,alertmanager',
    'node scripts/lab.ts fault errors --color green --rate 5%',
    'node scripts/lab.ts status --json',
  ],
  async run(values) {
    const request = requestOf(values)
    let lab: Lab | undefined
    const stopped = untilStopped(values['with-parent'] ?? false, () => {
      lab?.kill()
      process.exit(1)
    })
    lab = await startLab(request)
    announce(lab, values.json ?? false)
    const reason = await stopped
    // A terminal has just printed ^C and stays on that line.
    if (reason === 'SIGINT' && process.stderr.isTTY) process.stderr.write('\n')
    request.log(`stopping: ${reason}`)
    await lab.stop()
    if (lab.world.load !== null) process.stdout.write(`load: ${loadText(lab.world.load)}\n`)
    request.log('stopped')
    // Standard input may still be open (--with-parent), and must not keep a stopped lab alive.
    process.stdin.destroy()
    return undefined
  },
})

function requestOf(values: { [flag: string]: string | boolean }): StartRequest {
  const number = (flag: string, fallback: number, max: number): number => {
    const text = values[flag]
    return typeof text === 'string' ? integer(text, `--${flag}`, 0, max) : fallback
  }
  const ports: Partial<Ports> = {}
  for (const part of ['switch', 'admin', 'blue', 'green'] as const) {
    if (values[`${part}-port`] !== undefined) ports[part] = number(`${part}-port`, 0, 65_535)
  }
  const log = (line: string): void => {
    if (values['quiet'] !== true) process.stderr.write(`${new Date().toISOString().slice(11, 23)} ${line}\n`)
  }
  const dir = typeof values['dir'] === 'string' ? values['dir'] : DEFAULT_DIR
  return {
    dir,
    port: number('port', Number(DEFAULT_PORT), 65_532),
    ports,
    load: number('load', 0, MAX_LOAD),
    with: serverNames(values['with']),
    log,
  }
}

function serverNames(value: string | boolean | undefined): ServerName[] {
  const names = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : []
  return names.map((name) => {
    const known = SERVER_NAMES.find((one) => one === name)
    if (known !== undefined) return known
    throw usageFailure(
      `Unknown server "${name}".`,
      'The lab cannot start it.',
      suggestion(name, SERVER_NAMES),
    )
  })
}

function announce({ world }: Lab, json: boolean): void {
  const url = loopback(world.ports.switch)
  const adminUrl = loopback(world.ports.admin)
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ ready: true, url, adminUrl, pid: process.pid, dir: world.dir, servers: world.servers ?? {} })}\n`,
    )
    return
  }
  const colors = COLORS.map((color) => {
    const { state, build } = world.slots[color]
    const version = state === 'stopped' ? '' : ` ${build?.version ?? ''}`
    return `${color.padEnd(8)} ${loopback(world.ports[color])}  ${state}${version}, weight ${world.traffic.weights[color]}\n`
  })
  const servers = Object.entries(world.servers ?? {}).map(
    ([name, address]) => `${name.padEnd(8)} ${address}\n`,
  )
  process.stdout.write(
    `switch   ${url}\nadmin    ${adminUrl}  (/state, /traffic, /metrics)\n${colors.join('')}${servers.join('')}product  ${world.dir}/storefront\nlab ready on ${url}\n`,
  )
}

export const program: Program = {
  name: 'node scripts/lab.ts',
  summary: 'a small real system on loopback to try operations on.',
  commands: { start, status, fault, reset },
  fallback: 'start',
}

if (import.meta.main) await runProgram(program)
