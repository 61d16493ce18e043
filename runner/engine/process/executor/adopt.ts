import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineOf } from '../machine.ts'
import { findByRun, isAlive, isElsewhere, isSameBoot, signalGroup, signalProcess } from '../processes.ts'
import type { Boot, ProcessIdentity } from '../processes.ts'
import { attemptFile, attemptFiles, formatReceipt } from '../shim/protocol.ts'
import type { Receipt } from '../shim/protocol.ts'
import { readReceipt, reserveReceipt, takeClaim } from '../shim/receipt.ts'
import type { CancelSignals, Run } from '../../run.ts'
import { outputsFolder } from '../shim/attempted-outputs.ts'

export interface Adoption {
  run: Run
  /** The prefix of the absolute paths of the attempt's files. */
  base: string
  /** Where and in which boot the attempt was meant to start. */
  intent: Boot
  /** The variable that marks the attempt's processes. */
  attemptId: string
  timeoutMs: number
  cancel: CancelSignals
}

/** `unbegun`: this runner's own attempt, which its shim never began. */
export type End = { receipt: Receipt; unbegun?: true } | { unknown: string }

const pollMs = 25

/** Finds out how an attempt ended that this process did not see to its end. It never starts anything. */
export async function adopt(attempt: Adoption): Promise<End> {
  const { base, intent } = attempt
  const early = readReceipt(base)
  if (early) return { receipt: early }
  const now = machineOf(attempt.run.state)
  if (isElsewhere(intent, now))
    return { unknown: `it was started on ${intent.host}, and what became of it there is not known here` }
  if (!isSameBoot(intent, now)) return { unknown: 'the machine or its container was restarted while it ran' }
  const revoked = revoke(base)
  if (revoked) return { receipt: revoked }
  const owner = readIdentity(attemptFile(base, attemptFiles.claim))
  if (owner) await waitFor(attempt, () => readReceipt(base) === undefined && isAlive(owner))
  const receipt = readReceipt(base)
  if (receipt) return { receipt: cancelledBy(attempt, receipt) }
  // Who started it is gone, and with it the exit code; the step itself may be alive.
  await waitFor(attempt, () => processesOf(attempt).length > 0)
  const memory = outputsFolder(base)
  if (memory) rmSync(memory, { recursive: true, force: true })
  return { unknown: 'the step was started, and what started it ended without leaving a receipt' }
}

/** The creator of the claim decides: when it is us, the step can never start any more. */
function revoke(base: string): Receipt | undefined {
  const receipt: Receipt = { status: 'not-started', why: 'the runner ended before the step began' }
  if (takeClaim(base)) {
    reserveReceipt(base).write(formatReceipt(receipt))
    return receipt
  }
  // A claim of nobody is an earlier revocation.
  return readIdentity(attemptFile(base, attemptFiles.claim)) ? undefined : receipt
}

function cancelledBy({ cancel }: Adoption, receipt: Receipt): Receipt {
  const byUs = cancel.soft.aborted || cancel.hard.aborted
  if (!byUs || (receipt.status === 'exit' && receipt.code === 0)) return receipt
  return { status: 'cancelled', signal: receipt.status === 'signal' ? receipt.signal : 'SIGTERM' }
}

/** Waits while something lives, and ends it when it is cancelled or has had all the time a step gets. */
async function waitFor(attempt: Adoption, lives: () => boolean): Promise<void> {
  const { soft, hard } = attempt.cancel
  const deadline = performance.now() + attempt.timeoutMs
  let killAt = Number.POSITIVE_INFINITY
  while (lives()) {
    const now = performance.now()
    if (hard.aborted || now >= killAt) signalAll(attempt, 'SIGKILL')
    else if (killAt === Number.POSITIVE_INFINITY && (soft.aborted || now >= deadline)) {
      signalAll(attempt, 'SIGTERM')
      killAt = now + attempt.run.graceMs
    }
    await sleep(pollMs)
  }
}

function signalAll(attempt: Adoption, signal: NodeJS.Signals): void {
  for (const { pid, group } of processesOf(attempt)) {
    if (group !== pid || !signalGroup(group, signal)) signalProcess(pid, signal)
  }
}

/** The step's own process. Once it has ended, what is left of its group is ended too, as after any step. */
function processesOf({ base, run, attemptId }: Adoption): (ProcessIdentity & { group: number })[] {
  const child = readIdentity(attemptFile(base, attemptFiles.reserved))
  if (child && isAlive(child)) return [{ ...child, group: child.pid }]
  const left = findByRun(run.id).filter(({ attempt }) => attempt === attemptId)
  if (!child) return left
  for (const { pid } of left.filter(({ group }) => group === child.pid)) signalProcess(pid, 'SIGKILL')
  return []
}

function readIdentity(file: string): ProcessIdentity | undefined {
  const match = existsSync(file) ? /^(\d+) (\S+) \S+ \S+\n *$/.exec(readFileSync(file, 'utf8')) : null
  return match ? { pid: Number(match[1]), start: match[2] ?? '' } : undefined
}
