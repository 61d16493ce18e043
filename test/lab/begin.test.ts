import { execFile, execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../scripts/lib/wait.ts'
import { installCommand, packTarballs } from '../support/packed.ts'
import { foreignSystem } from './support/foreign.ts'

// What a stranger has: the command from its tarball, in folders of their own, and nothing of this repository.
const folder = mkdtempSync(join(tmpdir(), 'runbook-begin-'))
const home = join(folder, 'home')
const running: ChildProcess[] = []
let program: string

beforeAll(() => {
  program = installCommand(packTarballs(), home)
})

afterAll(async () => {
  for (const child of running.splice(0)) {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

interface Ran {
  code: number
  out: string
}

const environment = (actor: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  RUNBOOK_ACTOR: actor,
  RUNBOOK_SIGNING_KEY: 'none',
})

async function runbook(cwd: string, args: readonly string[], actor = 'ada@example.com'): Promise<Ran> {
  try {
    const how = { cwd, env: environment(actor), maxBuffer: 1e8 }
    const done = await promisify(execFile)(process.execPath, [program, ...args], how)
    return { code: 0, out: done.stdout + done.stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout + stderr }
  }
}

test('three commands lead from an empty folder to a finished release, its page and its proof, in two minutes', async () => {
  const began = performance.now()
  for (const [args, said] of [
    [['init'], 'files written'],
    [['demo'], 'steps are done'],
    [['verify', 'last'], 'Intact'],
  ] as const)
    expect(await runbook(home, args), args.join(' ')).toEqual({ code: 0, out: expect.stringContaining(said) })
  expect(performance.now() - began).toBeLessThan(120_000)
  const page = readFileSync(join(home, '.lab/demo/release.html'), 'utf8')
  for (const step of ['find-idle', 'gate-50', 'go', 'tag']) expect(page).toContain(step)
  expect(
    execFileSync('git', ['-C', join(home, '.lab/demo/storefront'), 'tag', '-l'], { encoding: 'utf8' }),
  ).toContain('v1.4.0')
})

test('the runbooks of a new workspace run on the lab: a kill switch, blue-green, and a rollback', async () => {
  const space = join(folder, 'space')
  mkdirSync(space)
  expect((await runbook(space, ['init'])).code).toBe(0)
  const { adminUrl, url } = await startLab(space)
  const at = ['-i', `lab=${adminUrl}`]
  const flag = ['--key', 'ui_new_total', '--dir', '.lab/flags']
  for (const args of [
    ['flags', 'create', ...flag, '--owner', 'web'],
    ['build', '--repository', '.lab/storefront', '--version', '1.4.0', '--out', '.lab/artifacts'],
  ])
    expect(await runbook(space, args), args.join(' ')).toMatchObject({ code: 0 })
  const run = (name: string, ...inputs: string[]): Promise<Ran> => throughApprovals(space, name, inputs)
  expect(await run('kill-switch', '-i', 'flag=ui_new_total')).toMatchObject({ code: 0 })
  const preset = ['-i', 'preset=lab', '-i', 'hold=3s', '-i', 'changes=p95=10s p99=10s']
  const released = await run('blue-green', ...at, ...preset, '-i', 'version=1.4.0', '-i', `site=${url}`)
  expect(released.code, released.out).toBe(0)
  expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ version: '1.4.0' })
  const back = await run(
    'rollback',
    ...at,
    '-i',
    'reason=practice',
    '-i',
    'way=full',
    '-i',
    'version=1.3.0',
    '-i',
    `site=${url}`,
  )
  expect(back.code, back.out).toBe(0)
  expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ version: '1.3.0' })
})

interface Lab {
  adminUrl: string
  url: string
}

/** Starts the lab of a workspace with its own command. */
async function startLab(space: string): Promise<Lab> {
  const lab = spawn(
    process.execPath,
    [program, 'lab', '--port', '0', '--load', '50', '--json', '--outlive-parent'],
    {
      cwd: space,
      env: environment('ada@example.com'),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  running.push(lab)
  let said = ''
  lab.stdout.on('data', (bytes) => (said += String(bytes)))
  const line = await waitFor(() => said.split('\n').find((one) => one.startsWith('{"ready"')), 60_000)
  return JSON.parse(line ?? '{}') as Lab
}

/** Runs a runbook to its end: its checklists are answered by a file, and dana approves what waits for a person. */
async function throughApprovals(space: string, name: string, inputs: readonly string[]): Promise<Ran> {
  const text = readFileSync(join(space, `content/runbooks/${name}.mdx`), 'utf8')
  const lists = [...text.matchAll(/<Checklist id="([a-z-]+)"/g)].map(([, id]) => `  ${id}: done\n`)
  for (const [, id] of text.matchAll(/<Ask id="([a-z-]+)"/g))
    lists.push(`  ${id}: { fields: { reason: practice } }\n`)
  const answers = join(space, 'answers.yaml')
  writeFileSync(answers, `actor: ada@example.com\nanswers:\n${lists.join('') || '  {}\n'}`)
  const how = ['--yes', '--answers', answers]
  let ran = await runbook(space, ['exec', name, ...inputs, ...how])
  for (const [, step = ''] of text.matchAll(/<Approval id="([a-z-]+)"/g)) {
    if (ran.code !== 5) return ran
    expect(await runbook(space, ['approve', 'last', step, '--yes'], 'dana@example.com')).toMatchObject({
      code: 0,
    })
    ran = await runbook(space, ['resume', 'last', ...how])
  }
  return ran
}

test('inputs and settings alone take the release checklist to a system of somebody else', async () => {
  const space = join(folder, 'foreign')
  mkdirSync(space)
  expect((await runbook(space, ['init'])).code).toBe(0)
  using system = await foreignSystem(space)
  writeFileSync(join(space, 'content/environments.yaml'), system.environments)
  const inputs = [
    'version=2.0.0',
    'lab=production',
    `site=${system.site}`,
    'preset=lab',
    'suites=health,metrics',
  ]
  inputs.push(`repository=${system.repository}`, 'out=artifacts')
  const flags = inputs.flatMap((one) => ['-i', one])
  const answers = join(space, 'answers.yaml')
  writeFileSync(answers, 'actor: ada@example.com\nanswers:\n  ready: done\n  announce: done\n')
  const how = ['--yes', '--answers', answers]
  const waiting = await runbook(space, ['exec', 'release-checklist', ...flags, ...how])
  expect(waiting.code, waiting.out).toBe(5)
  expect(await system.versions(200)).toEqual(new Set(['1.0.0', '2.0.0']))
  let ran = waiting
  for (const [step, person] of [
    ['sign-qa', 'carol@example.com'],
    ['sign-security', 'bob@example.com'],
    ['go', 'dana@example.com'],
  ] as const) {
    expect(ran.code, ran.out).toBe(5)
    expect(await runbook(space, ['approve', 'last', step, '--yes'], person)).toMatchObject({ code: 0 })
    ran = await runbook(space, ['resume', 'last', ...how])
  }
  expect(ran.code, ran.out).toBe(0)
  expect(await system.versions(50)).toEqual(new Set(['2.0.0']))
  expect(await runbook(space, ['verify', 'last'])).toEqual({
    code: 0,
    out: expect.stringContaining('Intact'),
  })
  // The way back is the same for every system.
  const back = await runbook(space, ['rollback', 'last', '--yes', '--reason', 'a try'])
  expect(back.code, back.out).toBe(0)
  expect(await system.versions(50)).toEqual(new Set(['1.0.0']))
  // So does a deployment of the build, with triggers and a gate over counters that have other names.
  const place = [
    '-i',
    'lab=production',
    '-i',
    `site=${system.site}`,
    '-i',
    'product=acme-shop',
    '-i',
    'artifacts=artifacts',
  ]
  const deploy = [
    'version=2.0.0',
    'strategy=instant',
    'preset=lab',
    'hold=3s',
    'suites=health,metrics',
  ].flatMap((one) => ['-i', one])
  const built = await runbook(space, [
    'build',
    '--repository',
    system.repository,
    '--version',
    '2.0.0',
    '--out',
    'artifacts',
  ])
  expect(built.code, built.out).toBe(0)
  const deployed = await throughApprovals(space, 'blue-green', [...place, ...deploy])
  expect(deployed.code, deployed.out).toBe(0)
  expect(await system.versions(50)).toEqual(new Set(['2.0.0']))
  expect(system.failed()).toBe(0)
})
