import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { bootId, signalGroup, startOf } from '../processes.ts'
import { redactor } from '../redact.ts'
import { attemptFiles, formatReceipt } from './protocol.ts'
import type { Attempt, Receipt, Request } from './protocol.ts'

/**
 * The process that starts the steps of one run. It outlives the runner: when the runner dies, the step in flight
 * goes on, its output is still redacted, and its receipt is still written; then the shim ends.
 */
const running = new Map<string, Running>()

interface Running {
  child: ChildProcess
  attempt: Attempt
  /** Why the group is being ended, once it is. */
  ending?: 'timeout' | 'cancelled'
  timers: NodeJS.Timeout[]
}

process.on('message', (request: Request) => {
  if (request.type === 'start') start(request.attempt)
  else if (request.type === 'cancel') cancel(request.folder, request.signal)
  else endWhenIdle()
})
process.on('disconnect', endWhenIdle)
// The terminal's signals are for the runner, which tells the shim what to do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

let idle = false

function endWhenIdle(): void {
  idle = true
  if (running.size === 0) process.exit(0)
}

function start(attempt: Attempt): void {
  if (!claim(attempt.folder)) return
  const stdout = openSync(join(attempt.folder, attemptFiles.stdout), 'a', 0o600)
  const stderr = openSync(join(attempt.folder, attemptFiles.stderr), 'a', 0o600)
  const direct = attempt.secrets.length === 0
  const [program, ...args] = attempt.argv
  const child = spawn(program, args, {
    cwd: attempt.cwd,
    env: attempt.env,
    detached: true,
    stdio: ['ignore', direct ? stdout : 'pipe', direct ? stderr : 'pipe'],
  })
  if (child.pid !== undefined) {
    writeFileSync(join(attempt.folder, attemptFiles.child), `${child.pid} ${startOf(child.pid) ?? '?'}\n`, {
      mode: 0o600,
    })
  }
  const flush = direct ? () => {} : redactStreams(child, attempt.secrets, stdout, stderr)
  const one: Running = { child, attempt, timers: [] }
  running.set(attempt.folder, one)
  one.timers.push(setTimeout(() => end(one, 'timeout', 'SIGTERM'), attempt.timeoutMs))
  child.once('error', (error) => finish(one, { status: 'not-started', why: error.message }))
  child.once('exit', (code, signal) => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
    // What the program wrote is in the pipe by now; one turn of the loop reads it.
    setImmediate(() => {
      flush()
      for (const fd of [stdout, stderr]) closeSync(fd)
      finish(one, receiptOf(one, code, signal))
    })
  })
}

function claim(folder: string): boolean {
  try {
    const fd = openSync(join(folder, attemptFiles.claim), 'wx', 0o600)
    writeSync(fd, `${process.pid} ${startOf(process.pid) ?? '?'} ${bootId()}\n`)
    fsyncSync(fd)
    closeSync(fd)
    return true
  } catch {
    return false
  }
}

function redactStreams(child: ChildProcess, secrets: string[], stdout: number, stderr: number): () => void {
  const streams = [
    { readable: child.stdout, redact: redactor(secrets), fd: stdout },
    { readable: child.stderr, redact: redactor(secrets), fd: stderr },
  ]
  for (const { readable, redact, fd } of streams) {
    readable?.on('data', (chunk: Buffer) => writeAll(fd, redact.push(chunk)))
  }
  return () => {
    for (const { readable, redact, fd } of streams) {
      for (let chunk = readable?.read() as Buffer | null; chunk; chunk = readable?.read() as Buffer | null)
        writeAll(fd, redact.push(chunk))
      writeAll(fd, redact.end())
      readable?.destroy()
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset)
}

function receiptOf(one: Running, code: number | null, signal: NodeJS.Signals | null): Receipt {
  if (one.ending) return { status: one.ending, signal: signal ?? 'SIGTERM' }
  return signal === null ? { status: 'exit', code: code ?? 255 } : { status: 'signal', signal }
}

function cancel(folder: string, signal: NodeJS.Signals): void {
  const one = running.get(folder)
  if (one) end(one, 'cancelled', signal)
}

/** Ends the group: the signal, then after the grace time SIGKILL. */
function end(one: Running, why: 'timeout' | 'cancelled', signal: NodeJS.Signals): void {
  one.ending ??= why
  const { pid } = one.child
  if (pid === undefined) return
  signalGroup(pid, signal)
  if (signal !== 'SIGKILL')
    one.timers.push(setTimeout(() => signalGroup(pid, 'SIGKILL'), one.attempt.graceMs))
}

function finish(one: Running, receipt: Receipt): void {
  if (!running.delete(one.attempt.folder)) return
  one.timers.forEach(clearTimeout)
  const text = formatReceipt(receipt)
  writeReceipt(one.attempt.folder, text)
  if (process.connected) process.send?.({ type: 'ended', folder: one.attempt.folder, receipt: text })
  if (idle) endWhenIdle()
}

/** Temp, sync, rename: a receipt is there whole or not at all. */
function writeReceipt(folder: string, text: string): void {
  const file = join(folder, attemptFiles.receipt)
  const fd = openSync(`${file}.tmp`, 'w', 0o600)
  writeSync(fd, text)
  fsyncSync(fd)
  closeSync(fd)
  renameSync(`${file}.tmp`, file)
}
