import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { attemptedOutputs } from './attempted-outputs.ts'
import { attemptFile } from './protocol.ts'
import type { Attempt } from './protocol.ts'
import type { OutputSink } from './output-port.ts'
import { redactingSink } from './redacting-sink.ts'
import { spawnStep } from './spawn-step.ts'

/** A program that escaped may hold a pipe open; the step has ended and waits for it no longer than this, in ms. */
const drainMs = 250

/** How much a pipe holds. */
const pipeBytes = 65_536

export function redactedOutput(attempt: Attempt, files: number[]): OutputSink {
  const { base, secrets } = attempt
  const outputs = attemptedOutputs(attempt)
  const pipes = files.map((_, index) => fifo(attemptFile(base, `pipe-${index}`)))
  const sinks = files.map((fd) => redactingSink(secrets, fd))
  let open = 0
  let done: (() => void) | undefined
  const finish = (): void => {
    sinks.forEach((sink) => sink.end())
    done?.()
    done = undefined
  }
  function listen(readable: Readable | null, index: number): void {
    if (!readable) return
    open += 1
    if (!pipes[index]) readable.on('data', (chunk: Buffer) => sinks[index]?.write(chunk))
    readable.on('error', () => {})
    readable.once('close', () => {
      open -= 1
      if (open === 0 && done) finish()
    })
  }
  let readables: (Readable | null)[] = []
  return {
    outputs: outputs.path,
    files,
    launch() {
      const stdio = ['ignore', ...pipes.map((pipe) => pipe?.write ?? 'pipe')] as const
      const child = spawnStep(attempt, outputs.path, [...stdio])
      readables = pipes.map((pipe, index) => {
        if (pipe) closeSync(pipe.write)
        return pipe
          ? followPipe(pipe.read, (chunk) => sinks[index]?.write(chunk))
          : index === 0
            ? child.stdout
            : child.stderr
      })
      readables.forEach(listen)
      return child
    },
    drained(callback) {
      done = callback
      if (open === 0) finish()
      else setTimeout(() => readables.forEach((readable) => readable?.destroy()), drainMs).unref()
    },
    keepOutputs: outputs.keep,
    discard() {
      for (const fd of [...files, ...pipes.flatMap((pipe) => (pipe ? [pipe.read, pipe.write] : []))])
        closeSync(fd)
      outputs.discard()
    },
  }
}

/** A real pipe: the platform gives sockets, which /dev/stderr cannot be opened on. */
function fifo(path: string): { read: number; write: number } | undefined {
  try {
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' })
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const write = openSync(path, constants.O_WRONLY)
    unlinkSync(path)
    return { read, write }
  } catch {
    return undefined
  }
}

/** Reads into one piece of memory, again and again: output may be without end. */
function followPipe(fd: number, onChunk: (chunk: Buffer) => void): Socket {
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    onChunk(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
    return true
  }
  const onread = { buffer: Buffer.alloc(pipeBytes), callback }
  const socket = new Socket({ fd, readable: true, writable: false, onread })
  return socket.resume()
}
