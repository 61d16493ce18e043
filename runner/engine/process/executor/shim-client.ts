import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compiledFolder } from '../../../cache-folder.ts'
import { isSingleFile, shimFlag } from '../../../own-files.ts'
import type { Attempt, Ended, Request, TerminalSize } from '../shim/protocol.ts'

/** The runner's end of the shim. */
export interface Shim {
  /** Resolves with the receipt's text once the attempt has ended; rejects when the shim has died. */
  start(attempt: Attempt): Promise<string>
  cancel(base: string, signal: NodeJS.Signals): void
  /** Types into the terminal of a step. */
  type(base: string, bytes: Buffer): void
  resize(base: string, size: TerminalSize): void
  /** False once it has died; then another must be started for the next attempt. */
  lives(): boolean
  /** Lets the shim end as soon as nothing runs. */
  quit(): void
}

interface Waiting {
  resolve(receipt: string): void
  reject(error: Error): void
}

let spare: Shim | undefined

/** Starts a shim while the plan is made; should no run come of it, it ends with this process. */
export function prepareShim(): void {
  spare ??= spawnShim()
}

/** The shim that was prepared, or a new one. */
export function startShim(): Shim {
  const prepared = spare?.lives() ? spare : undefined
  spare = undefined
  return prepared ?? spawnShim()
}

/** The arguments of Node's own program that start the shim: as one file, the program starts as its own shim. */
function shimProgram(): string[] {
  return isSingleFile ? [shimFlag] : [fileURLToPath(new URL('../shim/main.mjs', import.meta.url))]
}

/** Starts the shim in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it. */
function spawnShim(): Shim {
  const child = spawn(process.execPath, shimProgram(), {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: shimEnvironment(),
  })
  const waiting = new Map<string, Waiting>()
  child.on('message', (message: Ended) => {
    waiting.get(message.base)?.resolve(message.receipt)
    waiting.delete(message.base)
  })
  let gone: Error | undefined
  const fail = (error: Error): void => {
    gone ??= error
    for (const one of waiting.values()) one.reject(gone)
    waiting.clear()
  }
  child.on('error', fail)
  // Its last message may be read after its end is known; the channel closes when all of it has been.
  child.on('disconnect', () => fail(new Error('The process that starts steps has ended')))
  child.unref()
  child.channel?.unref()
  return {
    start(attempt) {
      return new Promise<string>((resolve, reject) => {
        if (gone) return reject(gone)
        waiting.set(attempt.base, { resolve, reject })
        child.ref()
        child.channel?.ref()
        send(child, { type: 'start', attempt })
      }).finally(() => {
        if (waiting.size > 0) return
        child.unref()
        child.channel?.unref()
      })
    },
    cancel: (base, signal) => send(child, { type: 'cancel', base, signal }),
    type: (base, bytes) => send(child, { type: 'type', base, base64: bytes.toString('base64') }),
    resize: (base, size) => send(child, { type: 'resize', base, size }),
    lives: () => gone === undefined && child.exitCode === null && child.signalCode === null,
    quit: () => send(child, { type: 'quit' }),
  }
}

function send(child: ChildProcess, request: Request): void {
  // A shim that dies while it is told something is heard of by its `disconnect`.
  if (child.connected) child.send(request, () => {})
}

function shimEnvironment(): Record<string, string> {
  const { PATH, HOME, NODE_OPTIONS, TMPDIR } = process.env
  const all = { PATH, HOME, NODE_COMPILE_CACHE: compiledFolder(process.env), NODE_OPTIONS, TMPDIR }
  return Object.fromEntries(
    Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined),
  )
}
