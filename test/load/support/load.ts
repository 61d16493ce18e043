import { spawn } from 'node:child_process'

/** What a load generator counted. `failed`: no answer, a cut one, or a status that is not 2xx or 3xx. */
interface Counted {
  requests: number
  failed: number
  report: string
}

const CLIENTS = '50'
/** Longer than any test: they are stopped. */
const LONG = '600s'

/** Clients at work until told to stop. */
export interface Load {
  stop(): Promise<Counted>
}

/** wrk: 50 connections that stay open. It never repeats a request, so a reset is a failure it shows. */
export function keptOpen(url: string): Load {
  return load('wrk', ['-t2', `-c${CLIENTS}`, `-d${LONG}`, '--timeout', '10s', url], (report) => {
    const errors =
      /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report)?.slice(1) ?? []
    const wrong = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0)
    const requests = Number(/(\d+) requests in /.exec(report)?.[1] ?? 0)
    return { requests, failed: errors.reduce((sum, count) => sum + Number(count), wrong), report }
  })
}

/** hey: clients that open a connection for each request, at most 30 a second each so that ports are not used up. */
export function fresh(url: string, clients = CLIENTS): Load {
  return hey(['-c', clients, '-q', '30', '-disable-keepalive', url])
}

/** hey: 20 connections that stay open, with at most 50 requests a second each, beside which a runbook has a processor left. */
export function paced(url: string): Load {
  return hey(['-c', '20', '-q', '50', url])
}

function hey(args: readonly string[]): Load {
  return load('hey', ['-z', LONG, '-t', '10', ...args], (report) => {
    const counts = [...report.matchAll(/^\s*\[(\d+)\]\s+(\d+)(?: responses|\s)/gm)]
    const statuses = counts.filter(([line]) => line.includes('responses'))
    const all = counts.reduce((sum, [, , count]) => sum + Number(count), 0)
    const good = statuses
      .filter(([, status]) => /^[23]/.test(status ?? ''))
      .reduce((sum, [, , count]) => sum + Number(count), 0)
    return { requests: all, failed: all - good, report }
  })
}

/** Starts a load generator. SIGINT ends it early, and it then reports what it counted. */
function load(program: string, args: string[], read: (report: string) => Counted): Load {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = new Promise<Counted>((resolve, reject) => {
    child.once('error', () => reject(new Error(`${program} is not installed: apt-get install ${program}`)))
    child.once('close', (code) =>
      code === 0 ? resolve(read(text)) : reject(new Error(`${program}: ${text}`)),
    )
  })
  return {
    stop: () => {
      child.kill('SIGINT')
      return ended
    },
  }
}
