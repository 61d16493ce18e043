import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../runner/config.ts'
import type { Config } from '../runner/config.ts'
import { listRuns, readRun } from '../runner/journal/record/run-store.ts'
import { defineCommand, defineProgram, withDefault } from '../runner/kit/command.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import type { Io } from '../runner/kit/io.ts'
import { ownProgram } from '../runner/kit/own-program.ts'
import { runProgram } from '../runner/kit/program.ts'
import { filePath } from '../runner/kit/types.ts'
import { refuseInSingleFile } from './lib/needs-package.ts'
import { stateFile } from './lab/state.ts'
import { demoAnswers } from './programs/demo/answers.ts'
import { chooseSigners } from './programs/demo/signers.ts'

const version = '1.4.0'

/** Time the person at the terminal gets to see each question, in milliseconds. */
const thinkMs = 1500

const demo = defineCommand({
  name: 'demo',
  summary: 'Start a lab, take a version through the release checklist, write its page, stop the lab.',
  args: {},
  options: { dir: withDefault(filePath('folder'), '.lab/demo', 'The folder of the lab, made anew.') },
  effect: 'write',
  noDryRun: 'All of it happens in a lab of its own.',
  examples: ['runbook demo'],
  async run({ io, options }) {
    refuseInSingleFile('The demo')
    const config = await loadConfig(io.cwd, io.env)
    refuseForeign(options.dir)
    if (!existsSync(join(config.content, 'release-checklist.mdx')))
      throw new CliError(
        exit.failed,
        'The runbook `release-checklist` is not in this folder',
        'Write it with `runbook init`, then start the demo again.',
      )
    return show(resolve(options.dir), config, io)
  },
})

export const program = defineProgram({
  name: 'runbook demo',
  summary: 'Show a release from its first step to its page.',
  commands: [demo],
  fallback: 'demo',
})

async function show(dir: string, config: Config, io: Io): Promise<number> {
  await rm(dir, { recursive: true, force: true })
  if (io.interactive)
    say(
      'You answer its checklists, and let each step run that changes something. `--no-input` answers for you.',
    )
  say('Starting the lab: two colors of a small shop behind a traffic switch, on loopback.')
  const lab = await startLab(dir)
  try {
    const code = await release(lab, config, io)
    if (code === exit.done) await showWhere(dir, config, io)
    return code
  } finally {
    await stopLab(lab)
  }
}

/** Only what an earlier lab has left is removed: a folder that was named by mistake is unchanged. */
function refuseForeign(dir: string): void {
  if (!existsSync(dir) || existsSync(stateFile(dir)) || readdirSync(dir).length === 0) return
  throw new CliError(
    exit.usage,
    `${dir} is not the folder of a lab: the demo makes its folder anew, and would remove what is in it`,
    'Name an empty folder, or leave --dir out.',
  )
}

async function stopLab({ process: child }: Lab): Promise<void> {
  if (child.exitCode !== null || child.killed) return
  child.kill('SIGTERM')
  await once(child, 'exit')
  say('The lab is stopped.')
}

interface Lab {
  process: ChildProcess
  dir: string
  site: string
  admin: string
}

async function startLab(dir: string): Promise<Lab> {
  const options = ['--dir', dir, '--port', '0', '--load', '100', '--with-parent', '--quiet', '--json']
  const child = spawn(process.execPath, [...ownProgram, 'lab', ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  for await (const line of createInterface(child.stdout)) {
    const ready = readReady(line)
    if (ready) return { process: child, dir, ...ready }
  }
  throw new CliError(
    exit.failed,
    'The lab did not start: it says why above',
    'Do what it says, then try again.',
  )
}

function readReady(line: string): { site: string; admin: string } | undefined {
  if (!line.startsWith('{')) return undefined
  const { url, adminUrl } = JSON.parse(line) as { url?: string; adminUrl?: string }
  return url === undefined || adminUrl === undefined ? undefined : { site: url, admin: adminUrl }
}

/** A person who can be asked answers; otherwise the shipped answers do. The approvals are other people's in both. */
async function release({ dir, site, admin }: Lab, config: Config, io: Io): Promise<number> {
  const [repository, out] = [join(dir, 'storefront'), join(dir, 'artifacts')]
  const inputs = { version, lab: admin, site, preset: 'lab', repository, out }
  const flags = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
  const answered = join(dir, 'answers.yaml')
  writeFileSync(answered, demoAnswers)
  const how = io.interactive ? [] : ['--yes', '--answers', answered]
  say(`Running: runbook exec release-checklist -i version=${version} …\n`)
  const before = new Set(listRuns(config.state))
  const ended = new AbortController()
  const others = io.interactive ? approveWhenAsked(config, before, ended.signal) : undefined
  const code = await run(['exec', 'release-checklist', ...flags, ...how])
  ended.abort()
  await others
  if (code !== exit.waiting) return code
  say('\nNobody approves their own run, so the demo plays the three people who sign, each in a process:')
  return approveAll(config, before, how)
}

async function approveAll(config: Config, before: ReadonlySet<string>, how: string[]): Promise<number> {
  for (const { step, actor, reason } of signersOf(config, newRun(config, before) ?? '')) {
    const approved = await approve('last', step, actor, reason)
    if (approved !== exit.done) return approved
    const code = await run(['resume', 'last', ...how])
    if (code !== exit.waiting) return code
  }
  return exit.waiting
}

/** Waits for the questions of the new run, and answers each once as somebody else, while the person reads it. */
async function approveWhenAsked(
  config: Config,
  before: ReadonlySet<string>,
  ended: AbortSignal,
): Promise<void> {
  const asked = new Set<string>()
  while (!ended.aborted) {
    const id = newRun(config, before)
    const steps = id === undefined ? undefined : readRun(config.state, id).state.steps
    const waiting = [...(steps ?? [])].find(([step, { status }]) => status === 'waiting' && !asked.has(step))
    if (id !== undefined && waiting) {
      const [step] = waiting
      asked.add(step)
      const signer = signersOf(config, id).find((one) => one.step === step)
      if (signer) {
        await sleep(thinkMs)
        process.stdout.write(`\n  The demo plays ${signer.actor}, in another process:\n  `)
        await approve(id, step, signer.actor, signer.reason)
      }
    }
    await sleep(200)
  }
}

function newRun({ state }: Config, before: ReadonlySet<string>): string | undefined {
  return listRuns(state).find((id) => !before.has(id))
}

function signersOf({ people, state }: Config, id: string): ReturnType<typeof chooseSigners> {
  return chooseSigners(people, readRun(state, id).state.actor.id)
}

function approve(id: string, step: string, actor: string, reason: string): Promise<number> {
  return run(['approve', id, step, '--yes', '--reason', reason], { RUNBOOK_ACTOR: actor })
}

async function run(args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, [...ownProgram, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  // Ctrl-C reaches the runner by itself; it stops the step, and the demo then stops the lab.
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('SIGINT', ignore)
  return code ?? exit.failed
}

async function showWhere(dir: string, { state }: Config, { program: called, env }: Io): Promise<void> {
  const [newest = ''] = listRuns(state)
  const file = join(dir, 'release.html')
  await run(['export', newest, '--format', 'html', '-o', file, '--quiet'])
  say(`\nThe page of the release: ${file}`)
  // Where npm runs it as a script, the program is on the PATH of the script and not on the person's.
  const name = env['npm_lifecycle_event'] === 'demo' ? 'npx runbook' : called
  say(`Continue with \`${name} verify last\`, \`${name} log last\`, or the pages: \`${name} site build\`.`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

if (import.meta.main) await runProgram(program)
