/** The requests of the runner to the shim. Environment and secrets travel here, never as arguments. */
export type Request =
  | { type: 'start'; attempt: Attempt }
  | { type: 'cancel'; base: string; signal: NodeJS.Signals }
  | { type: 'type'; base: string; base64: string }
  | { type: 'resize'; base: string; size: TerminalSize }
  | { type: 'quit' }

/** In characters. */
export interface TerminalSize {
  cols: number
  rows: number
}

export interface Attempt {
  /** The prefix of the absolute paths of the attempt's files. */
  base: string
  argv: [string, ...string[]]
  env: Record<string, string>
  cwd: string
  timeoutMs: number
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  graceMs: number
  /** Values that must not reach a disk. */
  secrets: readonly string[]
  /** For a step on a terminal, and whether somebody is there to type. */
  terminal?: { size: TerminalSize; attended: boolean } | undefined
}

/** The answer of the shim, once for each attempt. */
export interface Ended {
  type: 'ended'
  base: string
  receipt: string
}

/** Files of an attempt. New files are what a step costs most, so there are no more than these. */
export const attemptFiles = {
  stdout: 'stdout',
  stderr: 'stderr',
  recording: 'cast',
  outputs: 'outputs',
  /** Room for the receipt, taken before the step starts; until then it names the step's own process. */
  reserved: 'receipt.tmp',
  /**
   * Whoever creates it decides whether the step ever starts: a shim, by a link to the file that names it, just before
   * it starts the step; or a runner that takes over, which leaves it empty.
   */
  claim: 'claim',
  /** How the attempt ended; its form is checked strictly. */
  receipt: 'receipt',
} as const

/**
 * The path of one of them. They lie side by side with those of all attempts of a run: new folders cost many times more
 * than new files.
 */
export function attemptFile(base: string, name: string): string {
  return `${base}.${name}`
}

/** `ended`: how many processes in the background were ended with it, if any. */
export type Receipt =
  | { status: 'exit'; code: number; ended?: number }
  | { status: 'signal' | 'timeout' | 'cancelled'; signal: string }
  | { status: 'not-started'; why: string }

/** Longest receipt in bytes; as much is reserved on the disk before the step starts. */
export const receiptBytes = 512

/** Writes a receipt as one line. */
export function formatReceipt(receipt: Receipt): string {
  if (receipt.status === 'exit')
    return `exit ${receipt.code}${receipt.ended ? ` ended ${receipt.ended}` : ''}\n`
  if (receipt.status === 'not-started')
    return `not-started ${receipt.why.replaceAll(/[^\x21-\x7e]+/g, ' ').slice(0, receiptBytes - 32)}\n`
  return `${receipt.status} ${receipt.signal}\n`
}

/** Reads a receipt; anything but a whole, exact line is none (a full disk leaves halves). */
export function parseReceipt(text: string): Receipt | undefined {
  const exit = /^exit (\d{1,3})(?: ended (\d{1,7}))?\n$/.exec(text)
  if (exit) return { status: 'exit', code: Number(exit[1]), ...(exit[2] ? { ended: Number(exit[2]) } : {}) }
  const ended = /^(signal|timeout|cancelled) (SIG[A-Z0-9]+)\n$/.exec(text)
  if (ended) return { status: ended[1] as 'signal' | 'timeout' | 'cancelled', signal: ended[2] ?? '' }
  const failed = /^not-started (.+)\n$/.exec(text)
  return failed ? { status: 'not-started', why: failed[1] ?? '' } : undefined
}
