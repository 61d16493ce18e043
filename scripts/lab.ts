import { defineCommand, defineProgram, flag, optional, withDefault } from '../runner/kit/command.ts'
import { integer, wordList } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { DIR, fault, reset, status } from './lab/lab-commands.ts'
import { COLORS, type Ports, loopback } from './lab/lab-model.ts'
import { loadText } from './lab/lab-report.ts'
import { SERVER_NAMES } from './lab/servers/servers.ts'
import { untilStopped } from './lab/lab-signals.ts'
import { type Lab, type StartRequest, startLab } from './lab/start.ts'
import { refuseInSingleFile } from './lib/needs-package.ts'
import { exit } from '../runner/kit/exit.ts'

const port = integer(0, 65_535, 'port')

/** Ports of single parts, by the option that moves them. */
const parts = { switch: 'switchPort', admin: 'adminPort', blue: 'bluePort', green: 'greenPort' } as const

const start = defineCommand({
  name: 'start',
  summary: 'Start the lab in the foreground. Stop it with Ctrl-C.',
  args: {},
  options: {
    ...DIR,
    port: withDefault(
      integer(0, 65_532, 'port'),
      '47100',
      'Switch; admin, blue and green follow. 0 takes free ones.',
    ),
    switchPort: optional(port, 'Port of the switch alone.'),
    adminPort: optional(port, 'Port of the admin API alone.'),
    bluePort: optional(port, 'Port of blue alone.'),
    greenPort: optional(port, 'Port of green alone.'),
    load: withDefault(integer(0, 5000), '0', 'Requests per second to send through the switch.'),
    with: optional(
      wordList(SERVER_NAMES),
      `Servers of the system's packages to run with it: ${SERVER_NAMES.join(', ')}.`,
    ),
    withParent: flag('Also stop when standard input closes.'),
    outliveParent: flag('Go on when the process that started it ends, which stops it otherwise.'),
  },
  effect: 'serve',
  examples: [
    'runbook lab --load 50',
    'runbook lab --with haproxy,prometheus,alertmanager',
    'runbook lab fault errors --color green --rate 5%',
    'runbook lab status --json',
  ],
  async run({ io, options }) {
    refuseInSingleFile('The lab')
    const ports = Object.fromEntries(
      Object.entries(parts).flatMap(([part, option]) =>
        options[option] === undefined ? [] : [[part, options[option]]],
      ),
    ) as Partial<Ports>
    const request: StartRequest = {
      dir: options.dir,
      port: options.port,
      ports,
      load: options.load,
      with: options.with ?? [],
      log: (line) => io.note(`${new Date().toISOString().slice(11, 23)} ${line}`),
    }
    let lab: Lab | undefined
    const watched = { parent: !options.outliveParent, input: options.withParent }
    const stopped = untilStopped(watched, () => {
      lab?.kill()
      process.exit(1)
    })
    lab = await startLab(request)
    announce(lab, io.json)
    const reason = await stopped
    // A terminal has just printed ^C and stays on that line.
    if (reason === 'SIGINT' && process.stderr.isTTY) process.stderr.write('\n')
    request.log(`stopping: ${reason}`)
    await lab.stop()
    if (lab.world.load !== null) process.stdout.write(`load: ${loadText(lab.world.load)}\n`)
    request.log('stopped')
    // Standard input may still be open (--with-parent), and must not keep a stopped lab alive.
    process.stdin.destroy()
    return exit.done
  },
})

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

export const program = defineProgram({
  name: 'runbook lab',
  summary: 'Run a small real system on loopback to try operations on.',
  commands: [start, status, fault, reset],
  fallback: 'start',
})

if (import.meta.main) await runProgram(program)
