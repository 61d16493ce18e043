import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { redactText, redactor } from '../redact.ts'
import { attemptFile, attemptFiles } from './protocol.ts'
import type { Attempt } from './protocol.ts'
import type { Output } from './output-port.ts'

/** A program that escaped may hold a pipe open; the step has ended and waits for it no longer than this, in ms. */
const drainMs = 250

/** How much a pipe holds. */
const pipeBytes = 65_536

export function redactedOutput({ base, secrets }: Attempt, files: number[]): Output {
  const memory = outputsFolder(base)
  const outputs = memory ? join(memory, attemptFiles.outputs) : attemptFile(base, 'outputs.raw')
  if (memory) mkdirSync(memory, { mode: 0o700 })
  const pipes = files.map((_, index) => fifo(attemptFile(base, `pipe-${index}`)))
  const sinks = files.map((fd) => redactingSink(fd, secrets))
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
    stdio: [pipes[0]?.write ?? 'pipe', pipes[1]?.write ?? 'pipe'],
    outputs,
    files,
    attach(child) {
      readables = pipes.map((pipe, index) => {
        if (pipe) closeSync(pipe.write)
        return pipe
          ? followPipe(pipe.read, (chunk) => sinks[index]?.write(chunk))
          : index === 0
            ? child.stdout
            : child.stderr
      })
      readables.forEach(listen)
    },
    drained(callback) {
      done = callback
      if (open === 0) finish()
      else setTimeout(() => readables.forEach((readable) => readable?.destroy()), drainMs).unref()
    },
    keepOutputs() {
      if (existsSync(outputs)) {
        const text = redactText(readFileSync(outputs, 'utf8'), secrets)
        writeFileSync(attemptFile(base, attemptFiles.outputs), text, { mode: 0o600 })
      }
      rmSync(memory ?? outputs, { recursive: true, force: true })
    },
    discard() {
      for (const fd of [...files, ...pipes.flatMap((pipe) => (pipe ? [pipe.read, pipe.write] : []))])
        closeSync(fd)
      if (memory) rmSync(memory, { recursive: true, force: true })
    },
  }
}

/**
 * What a step writes to $RUNBOOK_OUTPUT may be a secret, so it is kept in memory until it is redacted. Undefined
 * where the system has no such place; then it is on the disk until the step has ended.
 */
export function outputsFolder(base: string): string | undefined {
  const name = createHash('sha256').update(base).digest('hex').slice(0, 24)
  return existsSync('/dev/shm') ? `/dev/shm/runbook-${name}` : undefined
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

function redactingSink(fd: number, secrets: string[]): { write(chunk: Buffer): void; end(): void } {
  const redact = redactor(secrets)
  let lost = 0
  let ended = false
  function write(bytes: Buffer): void {
    try {
      if (lost > 0) writeAll(fd, Buffer.from(`\n[${lost} bytes were lost here: the disk was full]\n`))
      lost = 0
      writeAll(fd, bytes)
    } catch {
      // The step is not to be held up by our disk; the gap is marked when there is room again.
      lost += bytes.length
    }
  }
  return {
    write: (chunk) => ended || write(redact.push(chunk)),
    end() {
      if (!ended) write(redact.end())
      ended = true
    },
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset)
}
