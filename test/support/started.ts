import { spawn } from 'node:child_process'
import { binary } from './workspace.ts'
import type { Ran } from './workspace.ts'

/** A call of the program that serves a page and goes on until it was answered. */
export interface Serving extends AsyncDisposable {
  /** The address of the page. */
  address: string
  /** The result, once the call has ended. */
  ended: Promise<Ran>
  /** Ends it as Ctrl-C does. */
  interrupt(): void
}

/** Starts a call in a folder, and waits for the address that it prints. */
export async function serving(
  cwd: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Serving> {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  const page = Promise.withResolvers<string>()
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk)
    const address = /http:\/\/localhost:\d+\/\S+/.exec(stderr)?.[0]
    if (address !== undefined) page.resolve(address)
  })
  const ended = new Promise<Ran>((resolve) =>
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr })
      page.reject(new Error(`It ended without a page: ${stderr}`))
    }),
  )
  return {
    address: await page.promise,
    ended,
    interrupt: () => void child.kill('SIGINT'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
