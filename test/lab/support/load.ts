import { spawn } from 'node:child_process'

/** What a load generator counted. `failed`: no answer, a cut one, or a status that is not 2xx or 3xx. */
export interface Counted {
  requests: number
  failed: number
  report: string
}

const CLIENTS = '50'

/** wrk: 50 connections that stay open. It never repeats a request, so a reset is a failure it shows. */
export async function keptOpen(url: string, seconds: number): Promise<Counted> {
  const report = await output('wrk', ['-t2', `-c${CLIENTS}`, `-d${seconds}s`, '--timeout', '10s', url])
  const errors =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report)?.slice(1) ?? []
  const wrong = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0)
  const requests = Number(/(\d+) requests in /.exec(report)?.[1] ?? 0)
  return { requests, failed: errors.reduce((sum, count) => sum + Number(count), wrong), report }
}

/** hey: 50 clients that open a connection for each request, at most 30 a second each so that ports are not used up. */
export async function fresh(url: string, seconds: number): Promise<Counted> {
  const args = ['-c', CLIENTS, '-q', '30', '-z', `${seconds}s`, '-t', '10', '-disable-keepalive', url]
  const report = await output('hey', args)
  const counts = [...report.matchAll(/^\s*\[(\d+)\]\s+(\d+)(?: responses|\s)/gm)]
  const statuses = counts.filter(([line]) => line.includes('responses'))
  const all = counts.reduce((sum, [, , count]) => sum + Number(count), 0)
  const good = statuses
    .filter(([, status]) => /^[23]/.test(status ?? ''))
    .reduce((sum, [, , count]) => sum + Number(count), 0)
  return { requests: all, failed: all - good, report }
}

async function output(program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return await new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error(`${program} is not installed: apt-get install ${program}`)))
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${program}: ${text}`))))
  })
}
