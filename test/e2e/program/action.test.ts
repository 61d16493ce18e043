import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { checkRuns } from '../../support/servers/check-runs.ts'
import { signedSpace } from '../../support/signing.ts'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

interface Action {
  inputs: Record<string, { default: string }>
  runs: { steps: { name?: string; if?: string; run?: string; env?: Record<string, string> }[] }
}

/** Runs the action's own scripts, in its order, as a code host would: inputs arrive as environment variables. */
async function runAction(
  root: string,
  given: Record<string, string>,
  action = 'check',
  more: Record<string, string> = {},
): Promise<{ code: number; out: string }> {
  const { inputs, runs } = parse(
    readFileSync(join(repository, `.github/actions/${action}/action.yml`), 'utf8'),
  ) as Action
  const value = (text: string): string =>
    text.replaceAll(
      /\$\{\{ inputs\.([\w-]+) \}\}/g,
      (_, name: string) => given[name] ?? inputs[name]?.default ?? '',
    )
  let out = ''
  for (const step of runs.steps) {
    if (step.run === undefined || (step.if === "inputs.alerts != ''" && !given['alerts'])) continue
    expect(step.run).not.toContain('${{')
    const env = Object.entries(step.env ?? {}).map(([name, text]) => [name, value(text)])
    const all = { ...process.env, ...more, ...(Object.fromEntries(env) as Record<string, string>) }
    try {
      const ran = await promisify(execFile)('bash', ['-eo', 'pipefail', '-c', step.run], {
        cwd: root,
        env: all,
      })
      out += ran.stdout + ran.stderr
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, out: out + stdout + stderr }
    }
  }
  return { code: 0, out }
}

function prepare(attributes = ''): ReturnType<typeof workspace> {
  const space = workspace({
    'content/runbooks/x.mdx': page(commandStep('a', 'true', attributes)),
    'package.json': '{}',
  })
  mkdirSync(join(space.root, 'node_modules/.bin'), { recursive: true })
  symlinkSync(binary, join(space.root, 'node_modules/.bin/runbook'))
  return space
}

test('the action passes a good workspace, and puts a finding on its line', async () => {
  using good = prepare()
  expect(await runAction(good.root, {})).toMatchObject({ code: 0 })
  using bad = prepare('timeot="3s"')
  expect(await runAction(bad.root, {})).toEqual({
    code: 3,
    out: expect.stringMatching(/^::error file=content\/runbooks\/x\.mdx,line=7/m),
  })
})

test('the action checks the links of alerts where it is told to, and what it is told is never a command', async () => {
  using space = prepare()
  space.write(
    'rules/a.yml',
    'groups: [{ name: g, rules: [{ alert: Down, expr: up == 0, annotations: { runbook_url: "https://r.example/runbooks/y/" } }] }]\n',
  )
  const base = { 'base-url': 'https://r.example' }
  expect(await runAction(space.root, { ...base, alerts: 'rules' })).toEqual({
    code: 1,
    out: expect.stringContaining('::error file=rules/a.yml'),
  })
  const attack = await runAction(space.root, { runbooks: 'x $(touch pwned) ; touch pwned', ...base })
  expect(attack.code).not.toBe(0)
  expect(() => readFileSync(join(space.root, 'pwned'))).toThrow()
})

test('without the package, and without being told which, the action installs nothing', async () => {
  using space = prepare()
  rmSync(join(space.root, 'node_modules'), { recursive: true })
  expect(await runAction(space.root, {})).toEqual({
    code: 1,
    out: expect.stringContaining('::error::runbook is not installed in the workspace'),
  })
})

test('the action writes the check run of a commit: failure without a verified run of it, success with one', async () => {
  using space = signedSpace()
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: space.root,
      encoding: 'utf8',
    }).trim()
  space.write('.gitignore', '.runbook\nnode_modules\n')
  space.write('package.json', '{}')
  mkdirSync(join(space.root, 'node_modules/.bin'), { recursive: true })
  symlinkSync(binary, join(space.root, 'node_modules/.bin/runbook'))
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'A release')
  const commit = git('rev-parse', 'HEAD')
  await using github = await checkRuns('acme/shop', 'a-token')
  const given = {
    runbook: 'release',
    inputs: 'version=1.4.0\n',
    commit,
    name: 'runbook / release',
    token: 'a-token',
  }
  const host = { GITHUB_API_URL: github.address, GITHUB_REPOSITORY: 'acme/shop' }
  const refused = await runAction(space.root, given, 'require', host)
  expect(refused).toEqual({ code: 1, out: expect.stringContaining('There is no completed') })
  const run = await space.release()
  const passed = await runAction(space.root, given, 'require', host)
  expect(passed.code, passed.out).toBe(0)
  const check = { name: 'runbook / release', head_sha: commit, status: 'completed' }
  expect(github.runs).toEqual([
    expect.objectContaining({ ...check, conclusion: 'failure' }),
    expect.objectContaining({
      ...check,
      conclusion: 'success',
      output: { title: 'A verified run of release exists', summary: expect.stringContaining(run) },
    }),
  ])
  // A check that cannot be written is no success.
  expect((await runAction(space.root, { ...given, token: 'another' }, 'require', host)).code).not.toBe(0)
  expect((await runAction(space.root, { ...given, runbook: 'x $(touch pwned)' }, 'require', host)).code).toBe(
    2,
  )
  expect(() => readFileSync(join(space.root, 'pwned'))).toThrow()
})
