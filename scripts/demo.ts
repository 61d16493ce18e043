import { defineCommand, defineProgram, optional } from '../runner/kit/command.ts'
import { filePath } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { listRuns } from '../runner/journal/record/run-store.ts'
import { signers } from './programs/demo/signers.ts'
import { stateFile } from './lab/state.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const runbook = join(root, 'runner', 'main.mjs')
const defaultDir = join('.lab', 'demo')
const state = process.env['RUNBOOK_STATE'] ?? join(root, '.runbook')
const version = '1.4.0'
const waiting = 5

const demo = defineCommand({
  name: 'demo',
  summary: 'Start the lab, take a version through the release checklist, build its page, stop the lab.',
  args: {},
  options: {
    dir: optional(filePath('folder'), `The folder of the lab, made anew. Default: ${defaultDir}.`),
  },
  effect: 'write',
  noDryRun: 'All of it happens in a lab of its own.',
  examples: [],
  async run({ options }) {
    process.chdir(root)
    if (options.dir !== undefined) refuseForeign(options.dir)
    return show(resolve(options.dir ?? defaultDir))
  },
})

await runProgram(
  defineProgram({
    name: 'node scripts/demo.ts',
    summary: 'Show a release from its first step to its page.',
    commands: [demo],
    fallback: 'demo',
  }),
)

async function show(dir: string): Promise<number> {
  await rm(dir, { recursive: true, force: true })
  say('Starting the lab: two colors of a small shop behind a traffic switch, on loopback.')
  const lab = await startLab(dir)
  try {
    const code = await release(lab)
    // The pages need the journal, not the lab: it stops while they are built.
    if (code === 0) await Promise.all([stopLab(lab), showWhere()])
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
  const args = [
    'scripts/lab.ts',
    '--dir',
    dir,
    '--port',
    '0',
    '--load',
    '100',
    '--with-parent',
    '--quiet',
    '--json',
  ]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
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

/** On a terminal the person answers; elsewhere the shipped answers do. The approval is a second person's in both. */
async function release(lab: Lab): Promise<number> {
  const inputs = {
    version,
    lab: lab.admin,
    site: lab.site,
    preset: 'lab',
    repository: `${lab.dir}/storefront`,
    out: `${lab.dir}/artifacts`,
  }
  const flags = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
  const answers = process.stdin.isTTY ? [] : ['--yes', '--answers', 'scripts/programs/demo/answers.yaml']
  say(`Running: runbook exec release-checklist -i version=${version} …\n`)
  const approver = process.stdin.isTTY ? approveWhenAsked() : undefined
  const code = await run(['exec', 'release-checklist', ...flags, ...answers])
  approver?.kill()
  if (code !== waiting) return code
  say(
    '\nNobody approves their own run, so the demo plays the three people who sign, each in another process:',
  )
  return approveAll(answers)
}

async function approveAll(answers: readonly string[]): Promise<number> {
  for (const { step, actor, reason } of signers) {
    const approved = await run(['approve', 'last', step, '--yes', '--reason', reason], {
      RUNBOOK_ACTOR: actor,
    })
    if (approved !== 0) return approved
    const code = await run(['resume', 'last', ...answers])
    if (code !== waiting) return code
  }
  return waiting
}

/** Watches for the questions from beside the terminal and answers each once, as somebody else. */
function approveWhenAsked(): ChildProcess {
  return spawn(process.execPath, [join(root, 'scripts', 'demo', 'approve-when-asked.ts'), state], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function run(args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, [runbook, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  // Ctrl-C reaches the runner by itself; it stops the step, and the demo then stops the lab.
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('SIGINT', ignore)
  return code ?? 1
}

async function showWhere(): Promise<void> {
  say('\nBuilding the pages …')
  const astro = join(root, 'node_modules', '.bin', 'astro')
  const build = spawn(process.execPath, [astro, 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(build, 'exit')) as [number | null]
  const [newest] = listRuns(state)
  if (code !== 0 || newest === undefined)
    return say('The pages could not be built; `npm run build` says why.')
  say('Look at what was done:')
  say(`  npm run preview, then http://localhost:4321/runs/${newest}/`)
  say(`  npx runbook log ${newest}`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
