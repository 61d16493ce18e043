import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Color, type Traffic, type Weights, COLORS, liveColor } from '../lab/lab-model.ts'
import { writeAtomically } from '../lib/atomic.ts'
import { fetchByProxy } from '../../runner/engine/process/http-proxies.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { codeOf } from '../lib/errors.ts'
import { waitFor } from '../lib/wait.ts'

const run = promisify(execFile)

/** An nginx whose `upstream` block includes a file of ours with one line for each color. */
export interface Nginx {
  /** The included file: `server ADDRESS weight=N; # blue`, and `down` in place of a weight of 0. */
  include: string
  /** The main configuration, which names the included file. */
  config: string
  pidFile: string
  /** Where users ask. Answers name their color in `x-color`, which the service or nginx itself adds. */
  url: string
}

const PROBES = 24
const SETTLE_MS = 5000
const RELOAD_MS = 500
const CONNECT_MS = 5000

/**
 * The weights in the included file, believed only as far as the answers agree with it: nginx does not tell what it
 * has loaded, so a file that was changed without a reload shows here as a failure.
 */
export async function readNginx(nginx: Nginx): Promise<Traffic> {
  const weights = weightsOf(nginx, await readFile(nginx.include, 'utf8'))
  refuseOther(nginx, weights, await answering(nginx))
  return { weights, live: liveColor(weights, 'blue') }
}

/** Writes the weights beside the file, has nginx test them, puts them in place in one rename, and reloads. */
export async function writeNginx(nginx: Nginx, weights: Weights): Promise<void> {
  const text = await readFile(nginx.include, 'utf8')
  const before = weightsOf(nginx, text)
  for (const color of COLORS)
    if (weights[color] > before[color]) await refuseSilent(color, serverOf(nginx, text, color).address)
  const changed = COLORS.reduce((lines, color) => withWeight(lines, color, weights[color]), text)
  await testCandidate(nginx, changed)
  await writeAtomically(nginx.include, changed)
  const pid = Number(await readFile(nginx.pidFile, 'utf8'))
  process.kill(pid, 'SIGHUP')
  // Between two weights above 0 no single answer tells the old workers from the new.
  await sleep(RELOAD_MS)
  const seen = await waitFor(async () => {
    const answers = await answering(nginx)
    const isSeen = (color: Color): boolean => answers.has(color)
    const holds = COLORS.some(isSeen) && COLORS.every((color) => weights[color] > 0 || !isSeen(color))
    return holds || undefined
  }, SETTLE_MS)
  if (seen === undefined) refuseOther(nginx, weights, await answering(nginx))
}

function weightsOf(nginx: Nginx, text: string): Weights {
  return { blue: serverOf(nginx, text, 'blue').weight, green: serverOf(nginx, text, 'green').weight }
}

/** The line of a color: `ADDRESS` as nginx reads it, and its weight, which is 0 for `down`. */
function serverOf({ include }: Nginx, text: string, color: Color): { address: string; weight: number } {
  const line = new RegExp(
    `^\\s*server\\s+(\\S+)\\s+(?:weight=(\\d+)|down)\\s*;\\s*#\\s*${color}\\s*$`,
    'm',
  ).exec(text)
  if (line !== null) return { address: line[1] ?? '', weight: Number(line[2] ?? 0) }
  throw new CliError(
    exit.failed,
    `${include} has no line for ${color}: its weights cannot be read`,
    `Write one as: server 127.0.0.1:8080 weight=100; # ${color}`,
  )
}

/** nginx does not know whether a server listens before it sends users there, so the server itself is asked. */
async function refuseSilent(color: Color, address: string): Promise<void> {
  const [, host = address, port = '80'] = /^(.+?)(?::(\d+))?$/.exec(address) ?? []
  const unix = /^unix:(.+)$/.exec(address)?.[1]
  const socket = unix === undefined ? connect(Number(port), host.replace(/^\[|\]$/g, '')) : connect(unix)
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) })
  } catch {
    throw new CliError(
      exit.failed,
      `${color} does not listen at ${address}, and nothing was moved`,
      'Start it, then move the traffic.',
    )
  } finally {
    socket.destroy()
  }
}

function withWeight(text: string, color: Color, weight: number): string {
  const line = new RegExp(`^(\\s*server\\s+\\S+\\s+)(?:weight=\\d+|down)(\\s*;\\s*#\\s*${color}\\s*)$`, 'm')
  return text.replace(line, `$1${weight === 0 ? 'down' : `weight=${weight}`}$2`)
}

async function testCandidate({ include, config }: Nginx, text: string): Promise<void> {
  const candidate = join(dirname(include), '.candidate-include.conf')
  const main = join(dirname(config), '.candidate-nginx.conf')
  try {
    await writeAtomically(candidate, text)
    await writeAtomically(main, (await readFile(config, 'utf8')).replaceAll(include, candidate))
    await run('nginx', ['-t', '-q', '-c', main, '-p', dirname(config)], { env: pathWithSbin() })
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : codeOf(error)
    throw new CliError(
      exit.failed,
      `nginx refused the new weights: ${stderr}`,
      'The file in use was not touched.',
    )
  } finally {
    await rm(candidate, { force: true })
    await rm(main, { force: true })
  }
}

function pathWithSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
}

/**
 * Who answered: the color of an answer, `unnamed` for one without it, `gateway` where nginx found no color that answers,
 * and `nobody` for a request that failed.
 */
type Answers = ReadonlySet<string>

async function answering({ url }: Nginx): Promise<Answers> {
  const answers = await Promise.all(
    Array.from({ length: PROBES }, () =>
      fetchByProxy(`${url}/version`, { headers: { connection: 'close' } }).then(
        ({ headers, status }) => headers.get('x-color') ?? (GATEWAY.has(status) ? 'gateway' : 'unnamed'),
        () => 'nobody',
      ),
    ),
  )
  return new Set(answers)
}

/** How nginx says that the server behind it does not answer. */
const GATEWAY = new Set([502, 503, 504])

/**
 * Refuses weights that the answers leave open or contradict. A color that does not answer through nginx contradicts
 * nothing: the way back must work where the live version is dead.
 */
function refuseOther({ url }: Nginx, weights: Weights, answers: Answers): void {
  if (answers.size === 1 && answers.has('nobody'))
    throw new CliError(
      exit.failed,
      `${url} does not answer, so the weights of nginx are unknown`,
      'Start nginx, or correct the address where users ask.',
    )
  if (answers.has('unnamed'))
    throw new CliError(
      exit.failed,
      `Answers of ${url} do not name their color in the header x-color, so the weights of nginx are unknown`,
      'Let nginx add it: map $upstream_addr $color { ~10.0.0.1:8080$ blue; ~10.0.0.2:8080$ green; } and add_header x-color $color always;',
    )
  const wrong = COLORS.find((color) => weights[color] === 0 && answers.has(color))
  if (wrong === undefined) return
  throw new CliError(
    exit.failed,
    `${wrong} answers although the file gives it nothing: nginx has not loaded what the file says`,
    'Reload it, and look at its error log.',
  )
}
