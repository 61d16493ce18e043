import { EventEmitter } from 'node:events'
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { attemptedOutputs } from './attempted-outputs.ts'
import type { OutputSink, StepProcess } from './output-port.ts'
import type { Attempt, TerminalSize } from './protocol.ts'
import { loadPty } from './pty.ts'
import { recordTerminal } from './recording.ts'
import { redactingSink } from './redacting-sink.ts'

/** How often a program on a terminal where nobody sits reads the end of its input, in milliseconds. */
const absentMs = 2000
const endOfInput = '\u0004'

/** A step on a terminal of its own: what it prints goes to its file and, with times, to the recording. */
export function terminalOutput(attempt: Attempt, size: TerminalSize, files: number[]): OutputSink {
  const { argv, env, cwd, secrets } = attempt
  // All that may fail, before the claim.
  const pty = loadPty()
  const [printed = -1, recorded = -1] = files
  const type = env['TERM'] ?? 'xterm-256color'
  const outputs = attemptedOutputs(attempt)
  const recording = recordTerminal(recorded, size, type)
  const sink = redactingSink(secrets, printed, recording.output)
  const events = new EventEmitter()
  let terminal: ReturnType<typeof pty.spawn> | undefined
  let absent: NodeJS.Timeout | undefined

  return {
    outputs: outputs.path,
    files,
    launch() {
      const [program, ...args] = argv
      const child = pty.spawn(program, args, {
        ...size,
        name: type,
        cwd,
        env: { ...env, RUNBOOK_OUTPUT: outputs.path },
        encoding: null,
      })
      terminal = child
      // Without an encoding it hands over bytes, whatever its types say.
      child.onData((chunk) => sink.write(chunk as unknown as Buffer))
      // Typing may meet a terminal that has just gone; without a listener of ours the package throws.
      ;(child as unknown as EventEmitter).on('error', () => {})
      child.onExit(({ exitCode, signal }) => {
        clearInterval(absent)
        terminal = undefined
        sink.end()
        if (!signal) recording.exit(exitCode)
        events.emit('exit', signal ? null : exitCode, signal ? signalName(signal) : null)
      })
      const step: StepProcess = { pid: child.pid, once: (name, callback) => events.once(name, callback) }
      return step
    },
    type: (bytes) => terminal?.write(bytes as unknown as string),
    resize(to) {
      try {
        terminal?.resize(to.cols, to.rows)
        if (terminal) recording.resize(to)
      } catch {
        // The terminal has just gone.
      }
    },
    leave() {
      if (absent || !terminal) return
      terminal.write(endOfInput)
      absent = setInterval(() => terminal?.write(endOfInput), absentMs)
    },
    // The package tells of the end when it has read all.
    drained: (done) => done(),
    keepOutputs: outputs.keep,
    discard() {
      files.forEach(closeSync)
      outputs.discard()
    },
  }
}

function signalName(number: number): NodeJS.Signals {
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)
  return (signal?.[0] ?? 'SIGKILL') as NodeJS.Signals
}
