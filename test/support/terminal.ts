import { spawn, spawnSync } from 'node:child_process'
import { patienceMs } from './patience.ts'
import { binary } from './workspace.ts'

/** Whether a terminal can be had: util-linux' `script` makes one. */
export const hasTerminal = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

export interface Terminal {
  /** Waits until the program has shown a text since the last call; fails when it ends without. */
  sees(text: string | RegExp): Promise<void>
  type(keys: string): void
  /** Takes the terminal away, and waits until the program has ended. */
  hangUp(): Promise<void>
  /** The program's own process. */
  signal(name: NodeJS.Signals): void
  ended: Promise<{ code: number | null; screen: string }>
}

export const keys = {
  enter: '\r',
  down: '\u001b[B',
  up: '\u001b[A',
  interrupt: '\u0003',
  end: '\u0004',
} as const

/** Runs the program on a terminal of its own. */
export function onTerminal(cwd: string, args: readonly string[], env: Record<string, string> = {}): Terminal {
  const quoted = [process.execPath, binary, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn(
    'script',
    ['-qfec', `stty cols 100 rows 40; echo pid=$$; exec ${quoted}`, '/dev/null'],
    {
      cwd,
      env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com', NO_COLOR: '1', TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  )
  let screen = ''
  let seen = 0
  let isOver = false
  let look = (): void => {}
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    look()
  })
  const ended = new Promise<{ code: number | null; screen: string }>((resolve) => {
    child.once('close', (code) => {
      isOver = true
      look()
      resolve({ code, screen })
    })
  })
  return {
    sees(text) {
      return new Promise((resolve, reject) => {
        const isShown = (): boolean => {
          const rest = screen.slice(seen)
          const at = typeof text === 'string' ? rest.indexOf(text) : rest.search(text)
          if (at !== -1) seen += at + 1
          return at !== -1
        }
        const fail = (): void => reject(new Error(`Never saw ${String(text)} in:\n${screen}`))
        const timer = setTimeout(fail, patienceMs)
        look = () => {
          const shown = isShown()
          if (!shown && !isOver) return
          clearTimeout(timer)
          look = () => {}
          if (shown) resolve()
          else fail()
        }
        look()
      })
    },
    type: (text) => void child.stdin.write(text),
    async hangUp() {
      child.kill('SIGKILL')
      await ended
      for (const end = Date.now() + patienceMs; isAlive(pidIn(screen));) {
        if (Date.now() > end) throw new Error(`The program goes on without its terminal:\n${screen}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    signal(name) {
      process.kill(pidIn(screen), name)
    },
    ended,
  }
}

function pidIn(screen: string): number {
  const pid = Number(/pid=(\d+)/.exec(screen)?.[1] ?? 0)
  if (pid === 0) throw new Error('The program has not been started')
  return pid
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
