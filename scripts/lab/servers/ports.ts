import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { codeOf } from '../../lib/errors.ts'
import type { Ports } from '../lab-model.ts'

/** Which flag moves which part. */
const FLAGS: Record<keyof Ports, string> = {
  switch: '--switch-port',
  admin: '--admin-port',
  blue: '--blue-port',
  green: '--green-port',
}

const NAMES: Record<keyof Ports, string> = {
  switch: 'the switch',
  admin: 'the admin API',
  blue: 'blue',
  green: 'green',
}

// Below the range from which systems give out ports for outgoing connections: a stopped color keeps its port.
const FREE_MIN = 20_000
const FREE_SPAN = 12_000
const TRIES = 100

/**
 * Decides the four ports and checks that each can be had.
 * @param base port of the switch; admin, blue and green follow. 0 takes free ports
 * @param given ports set one by one; 0 takes a free one
 * @throws {CliError} naming the port in use and the flag that moves it
 */
export async function choosePorts(base: number, given: Partial<Ports>): Promise<Ports> {
  const ports: Ports = { switch: 0, admin: 0, blue: 0, green: 0 }
  const parts = Object.keys(FLAGS) as (keyof Ports)[]
  for (const [index, part] of parts.entries()) {
    const wanted = given[part] ?? (base === 0 ? 0 : base + index)
    ports[part] = wanted === 0 ? await freePort(Object.values(ports)) : wanted
  }
  for (const part of parts) await refuseTaken(part, ports)
  return ports
}

/**
 * Keeps a TCP port for a server that is stopped, so that nothing else here takes it as free: its UDP twin is bound, and connections are still refused.
 * @returns undefined when another holds it
 */
export async function hold(port: number): Promise<AsyncDisposable | undefined> {
  const socket = createSocket('udp4').unref()
  socket.bind({ port, address: '127.0.0.1', exclusive: true })
  try {
    await once(socket, 'listening')
  } catch {
    return undefined
  }
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

/** A port beside the four: the base with an offset, or a free one for base 0. @throws {CliError} when it is in use */
export async function anotherPort(base: number, offset: number, taken: readonly number[]): Promise<number> {
  if (base === 0) return await freePort(taken)
  const problem = await bindProblem(base + offset)
  if (problem === undefined) return base + offset
  throw new CliError(
    exit.failed,
    `Port ${base + offset} cannot be used: the system answered ${problem}`,
    'Stop what uses it, or move all ports with --port PORT (0 takes free ones).',
  )
}

async function refuseTaken(part: keyof Ports, ports: Ports): Promise<void> {
  const port = ports[part]
  const twin = (Object.keys(FLAGS) as (keyof Ports)[]).find(
    (other) => other !== part && ports[other] === port,
  )
  if (twin !== undefined)
    throw new CliError(
      exit.failed,
      `Port ${port} is given to two parts: both ${NAMES[part]} and ${NAMES[twin]} would listen on it`,
      `Give ${FLAGS[part]} another port.`,
    )
  const problem = await bindProblem(port)
  if (problem === undefined) return
  const why =
    problem === 'EADDRINUSE'
      ? `something else already listens on 127.0.0.1:${port}`
      : `the system answered ${problem}`
  throw new CliError(
    exit.failed,
    `Port ${port} cannot be used for ${NAMES[part]}: ${why}`,
    `Stop what uses it, or choose another with ${FLAGS[part]} PORT (or move all four with --port PORT).`,
  )
}

async function freePort(taken: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = FREE_MIN + Math.floor(Math.random() * FREE_SPAN)
    if (taken.includes(port) || (await bindProblem(port)) !== undefined) continue
    const held = await hold(port)
    await held?.[Symbol.asyncDispose]()
    if (held !== undefined) return port
  }
  throw new CliError(
    exit.failed,
    `No free port was found: ${TRIES} ports between ${FREE_MIN} and ${FREE_MIN + FREE_SPAN} were tried`,
    'Choose one with --port PORT.',
  )
}

async function bindProblem(port: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(codeOf(error) || error.message))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
