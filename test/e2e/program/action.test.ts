import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

interface Action {
  inputs: Record<string, { default: string }>
  runs: { steps: { name?: string; if?: string; run?: string; env?: Record<string, string> }[] }
}

/** Runs the action's own scripts, in its order, as a code host would: inputs arrive as environment variables. */
function runAction(root: string, given: Record<string, string>): { code: number | null; out: string } {
  const { inputs, runs } = parse(
    readFileSync(join(repository, '.github/actions/check/action.yml'), 'utf8'),
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
    const ran = spawnSync('bash', ['-eo', 'pipefail', '-c', step.run], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...(Object.fromEntries(env) as Record<string, string>) },
    })
    out += ran.stdout + ran.stderr
    if (ran.status !== 0) return { code: ran.status, out }
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

test('the action passes a good workspace, and puts a finding on its line', () => {
  using good = prepare()
  expect(runAction(good.root, {})).toMatchObject({ code: 0 })
  using bad = prepare('timeot="3s"')
  expect(runAction(bad.root, {})).toEqual({
    code: 3,
    out: expect.stringMatching(/^::error file=content\/runbooks\/x\.mdx,line=7/m),
  })
})

test('the action checks the links of alerts where it is told to, and what it is told is never a command', () => {
  using space = prepare()
  space.write(
    'rules/a.yml',
    'groups: [{ name: g, rules: [{ alert: Down, expr: up == 0, annotations: { runbook_url: "https://r.example/runbooks/y/" } }] }]\n',
  )
  const base = { 'base-url': 'https://r.example' }
  expect(runAction(space.root, { ...base, alerts: 'rules' })).toEqual({
    code: 1,
    out: expect.stringContaining('::error file=rules/a.yml'),
  })
  const attack = runAction(space.root, { runbooks: 'x $(touch pwned) ; touch pwned', ...base })
  expect(attack.code).not.toBe(0)
  expect(() => readFileSync(join(space.root, 'pwned'))).toThrow()
})

test('without the package, and without being told which, the action installs nothing', () => {
  using space = prepare()
  rmSync(join(space.root, 'node_modules'), { recursive: true })
  expect(runAction(space.root, {})).toEqual({
    code: 1,
    out: expect.stringContaining('::error::runbook is not installed in the workspace'),
  })
})
