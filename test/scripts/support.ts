import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from '../../runner/kit/command.ts'
import { runCall } from '../../runner/kit/program.ts'
import type { Component } from '../../scripts/lab/servers/component.ts'
import type { LabState } from '../../scripts/lab/state.ts'
import { requestJson } from '../../scripts/lib/ask-json.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { patienceMs } from '../support/patience.ts'

const SCRIPTS = fileURLToPath(new URL('../../scripts/', import.meta.url))

/** What a program printed and how it ended. */
export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/** A lab in its own process and folder. */
export interface RunningLab {
  process: ChildProcess
  dir: string
  url: string
  admin: string
  /** What it printed so far. */
  output: () => Ran
  state(): Promise<LabState>
  /** Sends a signal and returns when the lab has ended. */
  stop(signal?: NodeJS.Signals): Promise<Ran>
}

/** A folder that {@link cleanUp} removes. */
export async function tempDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-'))
  cleanups.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const cleanups: (() => Promise<unknown>)[] = []

/** Ends every process and removes every folder the tests of a file made, last first. For `afterEach` or `afterAll`. */
export async function cleanUp(): Promise<void> {
  for (const step of cleanups.splice(0).toReversed()) await step()
}

/** A script under way. */
export interface Started {
  child: ChildProcess
  output: () => Ran
  ended: Promise<Ran>
  /** Waits until it has printed something, which is returned; fails when it ends without. */
  says(text: RegExp): Promise<string>
}

/** Starts a script; the caller waits for what it needs. */
export function startScript(
  script: string,
  args: readonly string[],
  stdin: 'ignore' | 'pipe' = 'ignore',
): Started {
  const child = spawn(process.execPath, [join(SCRIPTS, script), ...args], { stdio: [stdin, 'pipe', 'pipe'] })
  const result: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (result.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (result.stderr += chunk.toString()))
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (code) => resolve(Object.assign(result, { code })))
  })
  cleanups.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
  let isOver = false
  void ended.then(() => (isOver = true))
  return {
    child,
    output: () => result,
    ended,
    async says(text) {
      for (;;) {
        const said = text.exec(result.stdout)?.[0]
        if (said !== undefined) return said
        if (isOver)
          throw new Error(`${script} ended before it printed ${text}: ${result.stdout}${result.stderr}`)
        await Promise.race([once(child.stdout ?? child, 'data'), ended])
      }
    },
  }
}

/** Runs a script to its end. */
export async function runScript(script: string, ...args: string[]): Promise<Ran> {
  return await startScript(script, args).ended
}

/** Calls a program in this process, without the third of a second that a process of its own takes; no person answers. */
export async function callProgram(program: Program, ...args: string[]): Promise<Ran> {
  const ran = { code: 0, stdout: '', stderr: '' }
  const say = (text: string): void => void (ran.stderr += `${text}\n`)
  ran.code = await runCall(program, args, ({ json, quiet }) => ({
    cwd: process.cwd(),
    env: process.env,
    program: 'runbook',
    json,
    quiet,
    interactive: false,
    out: (text) => void (ran.stdout += `${text}\n`),
    note: (text) => (quiet ? undefined : say(text)),
    say,
    write: (text) => void (quiet || (ran.stderr += text)),
    style: (_, text) => text,
  }))
  return ran
}

/** Starts a lab on free ports and returns when it says that it is ready. */
export async function startLab(dir: string, ...args: string[]): Promise<RunningLab> {
  const started = startScript('lab.ts', ['--dir', dir, '--port', '0', '--json', ...args])
  const { child, output, ended } = started
  const line = await started.says(/^\{"ready".*\}$/m)
  const { url, adminUrl } = JSON.parse(line) as { url: string; adminUrl: string }
  return {
    process: child,
    dir,
    url,
    admin: adminUrl,
    output,
    state: async () => (await requestJson('GET', `${adminUrl}/state`)).body as unknown as LabState,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return await within(ended, patienceMs, 'the lab to end')
    },
  }
}

/** Waits until a server of the system's packages answers; fails with its last words when it ends. */
export async function untilUp(server: Component, answers: () => Promise<unknown>): Promise<void> {
  const up = await waitFor(async () => {
    if (server.ended() !== undefined) throw server.failure()
    return (await answers().then(Boolean, () => false)) || undefined
  }, patienceMs)
  if (up === undefined) throw server.failure()
}

/** The answer to a request, with its body. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** One GET; rejects when the connection breaks. `agent` false makes a fresh connection. */
export async function get(
  url: string,
  headers: Record<string, string> = {},
  agent: Agent | false = false,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.once('error', reject)
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}

/** How many of these users each color answered, asked over a few connections. */
export async function colorsOf(
  url: string,
  users: readonly (string | undefined)[],
): Promise<Map<string, string[]>> {
  const agent = new Agent({ keepAlive: true })
  const byColor = new Map<string, string[]>()
  const queue = users.values()
  const work = async (): Promise<void> => {
    for (const user of queue) {
      const answer = await get(`${url}/version`, user === undefined ? {} : { 'x-user-id': user }, agent)
      const color = answer.status === 200 ? String(answer.headers['x-color']) : `status ${answer.status}`
      byColor.set(color, [...(byColor.get(color) ?? []), user ?? 'nobody'])
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))
  agent.destroy()
  return byColor
}

/** True while a process runs; a zombie nobody has reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until none of these processes runs; returns those that still do. */
export async function survivors(pids: readonly number[], limitMs = 5000): Promise<number[]> {
  await waitFor(() => (pids.some(isRunning) ? undefined : true), limitMs, 20)
  return pids.filter(isRunning)
}

/** Waits for a promise, for a limited time in milliseconds. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${limitMs} ms for ${what}.`)), limitMs)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
