import { existsSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import type { OutputFile, ProcessOutcome } from '../../../kinds/kind.ts'
import type { Outcome } from '../../../model/problem.ts'
import { commandOf, language } from '../../../model/steps/languages.ts'
import type { Fence } from '../../../model/runbook.ts'
import { Cancelled } from '../../loop/durable.ts'
import { machineOf } from '../machine.ts'
import { isSameBoot } from '../processes.ts'
import { monotonicMs } from '../timer.ts'
import { redactText } from '../redact/redact.ts'
import { readOutputFile } from '../shim/output-file.ts'
import { attemptFile, attemptFiles, parseReceipt } from '../shim/protocol.ts'
import type { TerminalSize } from '../shim/protocol.ts'
import { adopt } from './adopt.ts'
import type { Adoption, End } from './adopt.ts'
import { parseOutputs } from './outputs.ts'
import type { Shim } from './shim-client.ts'
import type { Terminal } from './step-terminal.ts'
import { followFile } from './tail.ts'
import type { Tail } from './tail.ts'
import { makeFolder } from '../../../make-folder.ts'

export interface ScriptRun extends Adoption {
  script: Fence
  cwd: string
  env: Record<string, string>
  secrets: readonly string[]
  /** Ends what another runner left, and starts nothing. */
  haltOnly: boolean
  /** Whether the script has a terminal. */
  tty: boolean
  onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number) => void
}

const pollMs = 40
/** Somebody waits for what they type to appear. */
const terminalPollMs = 10
/** Of a terminal where nobody sits. */
const defaultSize: TerminalSize = { cols: 80, rows: 24 }

/**
 * Runs a script at most once, ever, for an attempt. When its script is there, a runner that has died was
 * here before: its process or its receipt is adopted; when neither is left, the outcome is unknown.
 */
export async function runScript(call: ScriptRun): Promise<ProcessOutcome> {
  const started = monotonicMs()
  const adopted = existsSync(scriptFile(call))
  const lent = adopted || call.haltOnly || !call.tty ? undefined : lendTerminal(call)
  const tails = follow(call, lent ? (_, bytes) => lent.show(bytes) : call.onOutput)
  try {
    const end = adopted ? await adopt(call) : await begin(call)
    const files = await tails.finish()
    return outcome(call, end, {
      ms: Math.round(monotonicMs() - started),
      adopted: isAdoption(call, adopted) || 'unbegun' in end,
      files,
    })
  } finally {
    tails.stop()
    lent?.giveBack()
  }
}

function lendTerminal({
  base,
  run: { terminal, shim },
}: ScriptRun): ReturnType<Terminal['lend']> | undefined {
  return terminal?.lend({
    type: (bytes) => shim().type(base, bytes),
    resize: (size) => shim().resize(base, size),
  })
}

/** Adopted: also what was never begun and is not to be. */
function isAdoption(call: ScriptRun, adopted: boolean): boolean {
  return adopted || call.haltOnly || isElsewhere(call)
}

function isElsewhere({ intent, run }: ScriptRun): boolean {
  return !isSameBoot(intent, machineOf(run.state))
}

async function begin(call: ScriptRun): Promise<End> {
  if (isElsewhere(call))
    return { unknown: `it was to start on ${call.intent.host}, before the machine was changed or restarted` }
  if (call.haltOnly) return notStarted('the runner ended before the step began')
  return start(call, call.run.shim())
}

function notStarted(why: string): End {
  return { receipt: { status: 'not-started', why } }
}

async function start(call: ScriptRun, shim: Shim): Promise<End> {
  const { run, base, env, cwd, timeoutMs, secrets } = call
  if (call.cancel.soft.aborted) throw new Cancelled('The run was stopped before the step began')
  makeFolder(dirname(base))
  const argv = writeScript(call)
  const stop = forwardCancel(call, shim)
  const terminal = call.tty ? terminalFor(call) : undefined
  try {
    const attempt = { base, argv, env, cwd, timeoutMs, graceMs: run.graceMs, secrets, terminal }
    const receipt = parseReceipt(await shim.start(attempt))
    return receipt ? { receipt } : { unknown: 'what started the step sent no receipt' }
  } catch {
    // The shim has died; what it left is found as after any crash.
    const end = await adopt(call)
    return 'receipt' in end && end.receipt.status === 'not-started' ? { ...end, unbegun: true } : end
  } finally {
    stop()
  }
}

function terminalFor({ run: { terminal } }: ScriptRun): { size: TerminalSize; attended: boolean } {
  return { size: terminal?.size() ?? defaultSize, attended: terminal !== undefined }
}

function forwardCancel({ base, cancel: { soft, hard } }: ScriptRun, shim: Shim): () => void {
  const onSoft = (): void => shim.cancel(base, 'SIGTERM')
  const onHard = (): void => shim.cancel(base, 'SIGKILL')
  soft.addEventListener('abort', onSoft, { once: true })
  hard.addEventListener('abort', onHard, { once: true })
  return () => {
    soft.removeEventListener('abort', onSoft)
    hard.removeEventListener('abort', onHard)
  }
}

interface Following {
  finish(): Promise<ProcessOutcome['files']>
  stop(): void
}

function follow(call: ScriptRun, onOutput: ScriptRun['onOutput']): Following {
  const shown = call.tty ? (['stdout'] as const) : (['stdout', 'stderr'] as const)
  const tails = shown.map((stream): { stream: OutputFile['stream']; tail: Tail } => ({
    stream,
    tail: followFile(attemptFile(call.base, attemptFiles[stream]), (bytes, skipped) =>
      onOutput(stream, bytes, skipped),
    ),
  }))
  const timer = setInterval(
    () => tails.forEach(({ tail }) => tail.poll()),
    call.run.terminal && call.tty ? terminalPollMs : pollMs,
  )
  const stop = (): void => clearInterval(timer)
  return {
    stop,
    async finish() {
      stop()
      if (call.tty)
        tails.push({
          stream: 'recording',
          tail: followFile(attemptFile(call.base, attemptFiles.recording), () => {}),
        })
      const digests = await Promise.all(tails.map(({ tail }) => tail.finish()))
      return tails.flatMap(({ stream }, index) => {
        const { bytes = 0, sha256 = '' } = digests[index] ?? {}
        const file = relative(call.run.folder, attemptFile(call.base, attemptFiles[stream]))
        return bytes > 0 ? [{ stream, file, bytes, sha256 }] : []
      })
    },
  }
}

/** The first of an attempt's files: when it is there, somebody has begun. */
function scriptFile({ base, script }: ScriptRun): string {
  return `${attemptFile(base, 'script')}${language(script.lang)?.extension ?? ''}`
}

function writeScript(call: ScriptRun): [string, ...string[]] {
  const file = scriptFile(call)
  writeFileSync(file, `${call.script.code}\n`, { mode: 0o600 })
  const [program, ...args] = commandOf(call.script) ?? ['sh']
  return [program, ...args, file]
}

function outcome(
  call: ScriptRun,
  end: End,
  seen: Pick<ProcessOutcome, 'ms' | 'adopted' | 'files'>,
): ProcessOutcome {
  const base = { ...seen, outputs: {}, signal: null, code: null, why: '', ended: 0 }
  if ('unknown' in end) return { ...base, status: 'unknown', why: end.unknown }
  const { receipt } = end
  if (receipt.status === 'not-started') return { ...base, status: 'not-started', why: receipt.why }
  if (receipt.status !== 'exit') return { ...base, status: receipt.status, signal: receipt.signal }
  const exited = { ...base, status: 'exit', ended: receipt.ended ?? 0 } as const
  const outputs = readOutputs(call)
  if (outputs.ok) return { ...exited, code: receipt.code, outputs: outputs.value }
  const why = `the output file ${outputs.problem.message}`
  return { ...exited, code: receipt.code === 0 ? 1 : receipt.code, why }
}

function readOutputs(call: ScriptRun): Outcome<Record<string, string>> {
  const read = readOutputFile(attemptFile(call.base, attemptFiles.outputs))
  return read.ok ? parseOutputs(redactText(read.value ?? '', call.secrets)) : read
}
