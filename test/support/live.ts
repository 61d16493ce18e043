import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { binary } from './workspace.ts'
import type { Ran } from './workspace.ts'

/** A program under way, whose events can be waited for. */
export interface Live {
  child: ChildProcess
  /** Resolves with the first line of stdout that contains a text. */
  line(text: string): Promise<string>
  /** Waits until something holds that the program brings about, such as a file of a step; fails when it ends before. */
  until(holds: () => boolean): Promise<void>
  ended: Promise<Ran>
}

/** Starts the program and follows what it prints. */
export function start(cwd: string, args: readonly string[], env: Record<string, string> = {}): Live {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  const waiting: { text: string; resolve: (line: string) => void }[] = []
  const look = (): void => {
    for (const one of waiting.slice()) {
      const line = `${stdout}${stderr}`.split('\n').find((candidate) => candidate.includes(one.text))
      if (line === undefined) continue
      waiting.splice(waiting.indexOf(one), 1)
      one.resolve(line)
    }
  }
  child.stdout.on('data', (chunk: Buffer) => ((stdout += chunk.toString()), look()))
  child.stderr.on('data', (chunk: Buffer) => ((stderr += chunk.toString()), look()))
  let isOver = false
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true
      resolve({ code, signal, stdout, stderr })
    })
  })
  const tooEarly = (what: string): Error => new Error(`ended before ${what}:\n${stdout}\n${stderr}`)
  return {
    child,
    line: (text) =>
      Promise.race([
        new Promise<string>((resolve) => {
          waiting.push({ text, resolve })
          look()
        }),
        ended.then((): never => {
          throw tooEarly(`it printed ${text}`)
        }),
      ]),
    async until(holds) {
      while (!holds()) {
        if (isOver) throw tooEarly(String(holds))
        await sleep(10)
      }
    },
    ended,
  }
}
