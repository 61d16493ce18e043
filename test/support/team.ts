import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findSigner } from '../../runner/engine/sign/signing-key.ts'
import type { Signer } from '../../runner/engine/sign/signing-key.ts'
import { openTeam } from '../../runner/team/database/postgres.ts'
import type { TeamPort } from '../../runner/team/port.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { patienceMs } from './patience.ts'
import { binary, runIn } from './workspace.ts'
import type { Ran } from './workspace.ts'

/** A checkout of a team and the machines that share it: each has a state folder of its own. */
export interface Team {
  /** Folder of the checkout. */
  root: string
  /** What the targets of steps write down. */
  effects(): string[]
  write(path: string, text: string): void
  env(who: string, role: string): Record<string, string>
  /** Calls the program as a person with the role of people. */
  call(args: readonly string[], who?: string, more?: Record<string, string>): Promise<Ran>
  /** Calls it on the machine of a runner. */
  on(machine: string, args: readonly string[], who?: string, more?: Record<string, string>): Promise<Ran>
  /** Starts a runner; `checkout` is the folder of its own. Default: the shared one. */
  start(machine: string, checkout?: string): Runner
  /** Starts a process of a hub; its state is that of the machine. */
  startHub(machine: string, more?: Record<string, string>): Runner
  port(role: string): Promise<TeamPort>
  /** The person's key. */
  signer(who: string): Signer
  /** Ends every runner and hub. */
  still(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Runner {
  name: string
  child: ChildProcess
  state: string
  said(): string
  kill(signal?: NodeJS.Signals): Promise<void>
}

const people = ['alice@example.com', 'bob@example.com', 'carol@example.com']

/** A workspace with keys for its people and runners. Its runbooks write their effects to `$EFFECTS`. */
export function team(
  database: Postgres,
  machines: readonly string[],
  files: Record<string, string>,
  config: string = 'runs: 8',
  services: readonly string[] = [],
): Team {
  const root = mkdtempSync(join(tmpdir(), 'runbook-team-'))
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const key = (name: string): string => join(root, 'keys', name)
  mkdirSync(join(root, 'keys'))
  const listed = [...people, ...services, ...machines.map((name) => `${name}@runners`)].map((id) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', id, '-f', key(id)])
    return `${id} ${readFileSync(`${key(id)}.pub`, 'utf8').trim()}`
  })
  write('allowed_signers', `${listed.join('\n')}\n`)
  write('runbook.config.ts', `export default { team: { database: 'env:TEAM_DATABASE', ${config} } }\n`)
  for (const [path, text] of Object.entries(files)) write(path, text)
  const effects = join(root, 'effects')
  writeFileSync(effects, '')
  const env = (who: string, role: string): Record<string, string> => ({
    TEAM_DATABASE: database.url(role),
    RUNBOOK_ACTOR: who,
    RUNBOOK_SIGNING_KEY: key(who),
    EFFECTS: effects,
  })
  const state = (machine: string): string => join(root, 'machines', machine)
  const running = new Set<Runner>()
  const still = async (): Promise<void> => {
    for (const runner of running) {
      runner.child.kill('SIGCONT')
      await runner.kill()
    }
  }
  const program = process.env['TEAM_PROGRAM'] ?? binary
  const launch = (
    name: string,
    args: readonly string[],
    own: Record<string, string>,
    checkout = root,
  ): Runner => {
    const { RUNBOOK_ACTOR: _, ...outer } = process.env
    const child = spawn(process.execPath, [program, ...args], {
      cwd: checkout,
      env: { ...outer, ...own, RUNBOOK_STATE: state(name) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout?.on('data', (bytes: Buffer) => (said += String(bytes)))
    child.stderr?.on('data', (bytes: Buffer) => (said += String(bytes)))
    const runner: Runner = {
      name,
      child,
      state: state(name),
      said: () => said,
      async kill(signal = 'SIGKILL') {
        if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
          child.kill(signal)
          return
        }
        running.delete(runner)
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill(signal)
        await ended
      },
    }
    running.add(runner)
    return runner
  }
  return {
    root,
    write,
    env,
    effects: () =>
      readFileSync(effects, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    call: (args, who = 'alice@example.com', more = {}) =>
      runIn(
        root,
        args,
        { ...env(who, 'person'), RUNBOOK_STATE: join(root, 'machines', 'none'), ...more },
        program,
      ),
    on: (machine, args, who = 'alice@example.com', more = {}) =>
      runIn(
        root,
        args,
        { ...env(who, `runbook_runner_${machine}`), RUNBOOK_STATE: state(machine), ...more },
        program,
      ),
    start(name, checkout) {
      const { RUNBOOK_ACTOR: _, ...own } = env(`${name}@runners`, `runbook_runner_${name}`)
      return launch(name, ['runner'], own, checkout)
    },
    startHub: (name, more = {}) =>
      launch(name, ['serve', '--hub', '--host', '127.0.0.1', '--port', '0', '--site', 'site'], {
        TEAM_DATABASE: database.url('hub'),
        RUNBOOK_SIGNING_KEY: 'none',
        ...more,
      }),
    signer(who) {
      const signer = findSigner(key(who), root, {})
      if (!signer) throw new Error(`${who} has no key`)
      return signer
    },
    port: (role) => openTeam(database.url(role), join(root, 'machines', 'port')),
    still,
    async [Symbol.asyncDispose]() {
      await still()
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Waits until a condition holds; the text of the failure is what is known then. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: () => string,
  ms = patienceMs,
): Promise<void> {
  const end = Date.now() + ms
  while (!(await Promise.resolve(holds()).catch(() => false))) {
    if (Date.now() > end) throw new Error(`Not within ${ms} ms: ${what()}`)
    await sleep(50)
  }
}
