import { closeSync, fstatSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { endGroup, hasGroup, here, signalGroup, startOf } from '../processes.ts'
import { after } from '../timer.ts'
import { openOutput } from './shim-output.ts'
import type { OutputSink, StepProcess } from './output-port.ts'
import { formatReceipt } from './protocol.ts'
import type { Attempt, Receipt, Request } from './protocol.ts'
import { reserveReceipt, syncOutput, takeClaim } from './receipt.ts'
import type { Reserved } from './receipt.ts'

/**
 * The process that starts the steps of one run. It outlives the runner: when the runner dies, the step in flight
 * goes on, its output is still redacted, and its receipt is still written; then the shim ends.
 */
const running = new Map<string, Running>()

interface Running {
  child: StepProcess
  attempt: Attempt
  output: OutputSink
  receipt: Reserved
  /** Why the group is being ended, once it is. */
  ending?: 'timeout' | 'cancelled'
  /** Functions that cancel each timer. */
  timers: (() => void)[]
}

process.on('message', (request: Request) => {
  if (request.type === 'start') start(request.attempt)
  else if (request.type === 'cancel') cancel(request.base, request.signal)
  else if (request.type === 'type')
    running.get(request.base)?.output.type?.(Buffer.from(request.base64, 'base64'))
  else if (request.type === 'resize') running.get(request.base)?.output.resize?.(request.size)
  else endWhenIdle()
})
process.on('disconnect', () => {
  // Who sat at the terminal has gone with the runner.
  for (const { output } of running.values()) output.leave?.()
  endWhenIdle()
})
// The terminal's signals are for the runner, which tells the shim what to do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const { boot, host } = here()
const born = startOf(process.pid) ?? '?'
let identity: string | undefined
let idle = false

function endWhenIdle(): void {
  idle = true
  if (running.size === 0) process.exit(0)
}

/** The file that names this process; claims are links to it. */
function identityFile(folder: string): string {
  const file = join(folder, `shim-${process.pid}-${born}`)
  if (file !== identity) writeFileSync(file, identityOf(process.pid, born), { mode: 0o600 })
  return (identity = file)
}

function identityOf(pid: number, since: string): string {
  return `${pid} ${since} ${boot} ${host}\n`
}

/** All that may fail comes before the claim, and nothing stands between the claim and the start. */
function start(attempt: Attempt): void {
  const { base } = attempt
  let output: OutputSink | undefined
  let receipt: Reserved | undefined
  try {
    // A folder that is not there would be reported as a program that is not.
    if (!statSync(attempt.cwd, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(`the working directory ${attempt.cwd} does not exist`)
    output = openOutput(attempt)
    receipt = reserveReceipt(base)
    if (!takeClaim(base, identityFile(dirname(base))))
      throw new Error('the attempt was revoked before it began')
  } catch (error) {
    output?.discard()
    receipt?.discard()
    answer(base, { status: 'not-started', why: (error as Error).message })
    return
  }
  try {
    watch({ attempt, output, receipt, child: output.launch(), timers: [] })
  } catch (error) {
    output.discard()
    leave(base, receipt, { status: 'not-started', why: (error as Error).message })
  }
}

function watch(one: Running): void {
  const { attempt, output, child } = one
  running.set(attempt.base, one)
  child.once('error', (error) => finish(one, { status: 'not-started', why: error.message }))
  if (child.pid === undefined) return
  nameChild(one.receipt, child.pid)
  one.timers.push(after(attempt.timeoutMs, () => end(one, 'timeout', 'SIGTERM')))
  if (attempt.terminal && !attempt.terminal.attended) output.leave?.()
  const leader = child.pid
  child.once('exit', (code, signal) =>
    afterLeaving(one, leader, (isLeft) => {
      const ended = isLeft ? endGroup(leader) : 0
      output.drained(() => finish(one, receiptOf(one, code, signal, ended)))
    }),
  )
}

/** How long a process may take to leave the group, in milliseconds: `setsid … &` as the last line has only just begun. */
const leavingMs = 500
const leavingLookMs = 10

/** Waits until nothing is left in the group, or for as long as a process may take that leaves it. */
function afterLeaving(one: Running, leader: number, then: (isLeft: boolean) => void, waited = 0): void {
  const isLeft = hasGroup(leader)
  if (!isLeft || one.ending || waited >= leavingMs) then(isLeft)
  else setTimeout(() => afterLeaving(one, leader, then, waited + leavingLookMs), leavingLookMs)
}

/** A convenience for whoever takes over; without it the process is found by its environment. */
function nameChild(receipt: Reserved, pid: number): void {
  try {
    receipt.note(identityOf(pid, startOf(pid) ?? '?'))
  } catch {
    // The disk may be full by now; the step has still started.
  }
}

function receiptOf(one: Running, code: number | null, signal: NodeJS.Signals | null, ended: number): Receipt {
  if (one.ending) return { status: one.ending, signal: signal ?? 'SIGTERM' }
  if (signal !== null) return { status: 'signal', signal }
  return { status: 'exit', code: code ?? 255, ...(ended > 0 ? { ended } : {}) }
}

function cancel(base: string, signal: NodeJS.Signals): void {
  const one = running.get(base)
  if (one) end(one, 'cancelled', signal)
}

/** Ends the group: the signal, then after the grace time SIGKILL. */
function end(one: Running, why: 'timeout' | 'cancelled', signal: NodeJS.Signals): void {
  one.ending ??= why
  const { pid } = one.child
  if (pid === undefined) return
  signalGroup(pid, signal)
  if (signal !== 'SIGKILL') one.timers.push(after(one.attempt.graceMs, () => signalGroup(pid, 'SIGKILL')))
}

function finish(one: Running, receipt: Receipt): void {
  const { base } = one.attempt
  if (!running.delete(base)) return
  for (const callOff of one.timers) callOff()
  let problem = ''
  try {
    one.output.keepOutputs()
    for (const fd of one.output.files) syncOutput(fd, fstatSync(fd).size)
  } catch (error) {
    problem = (error as Error).message
  }
  for (const fd of one.output.files) closeSync(fd)
  // The output of a step is evidence: without it an exit of 0 cannot be proven.
  const lost = problem !== '' && receipt.status === 'exit' && receipt.code === 0
  leave(base, one.receipt, lost ? { status: 'exit', code: 74 } : receipt)
}

/**
 * Tells the runner, and writes the receipt where it outlives everybody. The runner's next sync and the receipt's go on
 * side by side; a runner that dies before it has heard waits for the receipt.
 */
function leave(base: string, reserved: Reserved, receipt: Receipt): void {
  answer(base, receipt)
  try {
    reserved.write(formatReceipt(receipt))
  } catch {
    // The runner, if it lives, has still heard it and fails at its own next write when the disk is full.
  }
  if (idle) endWhenIdle()
}

function answer(base: string, receipt: Receipt): void {
  if (process.connected) process.send?.({ type: 'ended', base, receipt: formatReceipt(receipt) })
}
