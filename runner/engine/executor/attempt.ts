import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  openSync,
  closeSync,
  writeFileSync,
  writeSync,
  fsyncSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { OutputFile, ProcessOutcome } from '../../kinds/kind.ts'
import { language } from '../../model/languages.ts'
import type { Fence } from '../../model/runbook.ts'
import { bootId, isAlive, signalGroup } from '../processes.ts'
import { redactText } from '../redact.ts'
import { attemptFiles, parseReceipt } from '../shim/protocol.ts'
import type { Receipt } from '../shim/protocol.ts'
import { parseOutputs } from './outputs.ts'
import type { Shim } from './shim-client.ts'
import { followFile } from './tail.ts'

export interface ScriptRun {
  /** The run's folder; files are named relative to it. */
  runFolder: string
  /** The attempt's own folder below it. */
  folder: string
  script: Fence
  cwd: string
  env: Record<string, string>
  timeoutMs: number
  graceMs: number
  secrets: string[]
  signal: AbortSignal
  onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number) => void
}

const pollMs = 40

/**
 * Runs a script at most once, ever, for an attempt's folder. When the folder is already claimed, by a runner that
 * has died, its process or its receipt is adopted; when neither is left, the outcome is unknown.
 */
export async function runScript(run: ScriptRun, shim: () => Shim): Promise<ProcessOutcome> {
  const started = Date.now()
  if (existsSync(run.folder)) return adopt(run, started)
  mkdirSync(run.folder, { recursive: true, mode: 0o700 })
  const argv = writeScript(run.folder, run.script)
  const stop = forwardCancel(run.signal, () => shim().cancel(run.folder, 'SIGTERM'))
  const tails = follow(run)
  const attempt = {
    folder: run.folder,
    argv,
    env: { ...run.env, RUNBOOK_OUTPUT: join(run.folder, attemptFiles.outputs) },
    cwd: run.cwd,
    timeoutMs: run.timeoutMs,
    graceMs: run.graceMs,
    secrets: run.secrets,
  }
  try {
    const text = await shim().start(attempt)
    return await outcome(run, parseReceipt(text), started, false)
  } catch (error) {
    return await outcome(run, readReceipt(run.folder), started, false, (error as Error).message)
  } finally {
    stop()
    tails.end()
  }
}

function forwardCancel(signal: AbortSignal, cancel: () => void): () => void {
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  return () => signal.removeEventListener('abort', cancel)
}

function follow(run: ScriptRun): { end(): void } {
  const tails = (['stdout', 'stderr'] as const).map((stream) =>
    followFile(join(run.folder, attemptFiles[stream]), (bytes, skipped) =>
      run.onOutput(stream, bytes, skipped),
    ),
  )
  const timer = setInterval(() => tails.forEach((tail) => tail.poll()), pollMs)
  return {
    end() {
      clearInterval(timer)
      for (const tail of tails) {
        tail.poll()
        tail.close()
      }
    },
  }
}

function writeScript(folder: string, script: Fence): [string, ...string[]] {
  const spec = language(script.lang)
  const file = join(folder, `script${spec?.extension ?? ''}`)
  const shebang = script.code.startsWith('#!')
  writeFileSync(file, `${script.code}\n`, { mode: shebang ? 0o700 : 0o600 })
  if (shebang || !spec) return [file]
  return [...spec.command, file]
}

/** Takes over what another runner began. */
async function adopt(run: ScriptRun, started: number): Promise<ProcessOutcome> {
  if (claimAsNotStarted(run.folder))
    return outcome(
      run,
      { status: 'not-started', why: 'the runner ended before the step began' },
      started,
      true,
    )
  const owner = readIdentity(join(run.folder, attemptFiles.claim))
  const child = readIdentity(join(run.folder, attemptFiles.child))
  const tails = follow(run)
  const stop = forwardCancel(run.signal, () => child && signalGroup(child.pid, 'SIGTERM'))
  try {
    const mayStillEnd = (): boolean => owner?.boot === bootId() && isAlive(owner)
    while (!existsSync(join(run.folder, attemptFiles.receipt)) && mayStillEnd()) {
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
    return await outcome(run, readReceipt(run.folder), started, true)
  } finally {
    stop()
    tails.end()
  }
}

/** Whoever creates the claim decides: when it is us, the step can never start any more. */
function claimAsNotStarted(folder: string): boolean {
  try {
    const fd = openSync(join(folder, attemptFiles.claim), 'wx', 0o600)
    writeSync(fd, 'revoked\n')
    fsyncSync(fd)
    closeSync(fd)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readIdentity(file: string): { pid: number; start: string; boot: string } | undefined {
  const match = existsSync(file) ? /^(\d+) (\S+)(?: (\S+))?\n$/.exec(readFileSync(file, 'utf8')) : null
  return match ? { pid: Number(match[1]), start: match[2] ?? '', boot: match[3] ?? '' } : undefined
}

function readReceipt(folder: string): Receipt | undefined {
  const file = join(folder, attemptFiles.receipt)
  return existsSync(file) ? parseReceipt(readFileSync(file, 'utf8')) : undefined
}

async function outcome(
  run: ScriptRun,
  receipt: Receipt | undefined,
  started: number,
  adopted: boolean,
  why = '',
): Promise<ProcessOutcome> {
  const base = {
    ms: Date.now() - started,
    adopted,
    outputs: {},
    files: await outputFiles(run),
    signal: null,
    code: null,
    why: '',
  }
  if (!receipt) {
    return {
      ...base,
      status: 'unknown',
      why: why || 'the step was started, and what started it ended without leaving a receipt',
    }
  }
  if (receipt.status === 'not-started') return { ...base, status: 'not-started', why: receipt.why }
  if (receipt.status !== 'exit') return { ...base, status: receipt.status, signal: receipt.signal }
  const outputs = readOutputs(run)
  if (typeof outputs === 'string')
    return { ...base, status: 'exit', code: receipt.code === 0 ? 1 : receipt.code, why: outputs }
  return { ...base, status: 'exit', code: receipt.code, outputs }
}

function readOutputs(run: ScriptRun): Record<string, string> | string {
  const file = join(run.folder, attemptFiles.outputs)
  if (!existsSync(file)) return {}
  const outputs = parseOutputs(redactText(readFileSync(file, 'utf8'), run.secrets))
  return typeof outputs === 'string' ? `the output file is malformed at ${outputs}` : outputs
}

async function outputFiles(run: ScriptRun): Promise<OutputFile[]> {
  const found: OutputFile[] = []
  for (const stream of ['stdout', 'stderr'] as const) {
    const path = join(run.folder, attemptFiles[stream])
    const bytes = existsSync(path) ? statSync(path).size : 0
    if (bytes > 0)
      found.push({ stream, file: relative(run.runFolder, path), bytes, sha256: await digest(path) })
  }
  return found
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
