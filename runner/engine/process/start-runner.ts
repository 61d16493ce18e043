import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { isSingleFile } from '../../own-files.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'

/** One call of this program. */
export interface ProgramCall {
  args: readonly string[]
  cwd: string
  env: Record<string, string | undefined>
}

/** Most characters of output that are kept. */
const mostKept = 200_000

/**
 * Starts a runner in a process of its own, which goes on when this one ends. Resolves with the id of its run once the
 * first event is in the journal, or with the reason why it did not begin. `onWaiting` is called when all is well with it
 * but another process has the key of the run.
 */
export function startRunner(call: ProgramCall, onWaiting = (): void => {}): Promise<Outcome<string>> {
  const child = begin(call, true)
  let said = ''
  let isWaiting = false
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + String(bytes)).slice(-mostKept)
    if (!isWaiting && said.includes('Waiting for the key')) {
      isWaiting = true
      onWaiting()
    }
  })
  return new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const run = runOf(line)
      if (run === undefined) return
      child.unref()
      // Its pipes alone would keep a server alive whose client has gone.
      for (const pipe of [child.stdout, child.stderr]) (pipe as Socket).unref()
      resolve(success(run))
    })
    child.once('error', ({ message }) => resolve(failure(`The runner cannot be started: ${message}`)))
    child.once('close', () => resolve(asFailure(said)))
  })
}

/** Runs the program to its end, and returns what it printed. */
export function callProgram(call: ProgramCall): Promise<{ code: number | null; out: string; said: string }> {
  const child = begin(call, false)
  let [out, said] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (out = (out + String(bytes)).slice(0, mostKept)))
  child.stderr.on('data', (bytes: Buffer) => (said = (said + String(bytes)).slice(0, mostKept)))
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ code: 1, out, said: message }))
    child.once('close', (code) => resolve({ code, out, said }))
  })
}

function begin({ args, cwd, env }: ProgramCall, detached: boolean) {
  const program = isSingleFile ? [] : [...process.execArgv, process.argv[1] ?? '']
  return spawn(process.execPath, [...program, ...args], {
    cwd,
    env,
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function runOf(line: string): string | undefined {
  try {
    const { run, seq } = JSON.parse(line) as { run?: unknown; seq?: unknown }
    return typeof run === 'string' && typeof seq === 'number' ? run : undefined
  } catch {
    return undefined
  }
}

/** The words of the program for its failure: a message, and a hint. */
export function asFailure(said: string): Outcome<never> {
  const lines = said.trim().split('\n')
  const at = lines.findLastIndex((line) => line.startsWith('error: '))
  const message = (lines[at] ?? lines.at(-1) ?? '').replace(/^error: /, '')
  const hint = lines.find((line, index) => index > at && /^\s*hint: /.test(line))?.replace(/^\s*hint: /, '')
  return failure(message || 'The runner ended before the run began', hint === undefined ? {} : { hint })
}
