import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const bad = page('<Command id="a" title="A" tiemout="1m">\n\n```bash\ntrue\n```\n\n</Command>\n')
const rules = `groups:
  - name: g
    rules:
      - alert: Down
        expr: up == 0
        labels: { severity: critical }
`

test('the runbooks and runs of a project are found from any folder in it, as git finds its repository', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': page(commandStep('one', 'true')) })
  mkdirSync(join(space.root, 'src/deep'), { recursive: true })
  const below = (args: string[]) => space.runbook(args, {}, 'src/deep')
  expect(await below(['exec', 'one', '--yes'])).toMatchObject({ code: 0 })
  expect((await below(['list'])).stdout).toContain('one')
  expect((await below(['check'])).code).toBe(0)
  expect((await space.runbook(['runs'])).stdout).toContain('succeeded')
})

test('a repository inside a project is a project of its own', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': page(commandStep('one', 'true')) })
  mkdirSync(join(space.root, 'other/.git'), { recursive: true })
  expect((await space.runbook(['exec', 'one', '--yes'], {}, 'other')).stderr).toContain('There is no runbook')
})

test('findings for a code host have paths relative to the repository, wherever the check was started', async () => {
  using space = workspace({
    'ops/content/runbooks/bad.mdx': bad,
    'ops/content/runbooks/a,b 100%.mdx': bad,
    'ops/rules/r.yml': rules,
  })
  execFileSync('git', ['init', '--quiet'], { cwd: space.root })
  const github = await space.runbook(['check', '--format', 'github'], {}, 'ops')
  expect(github.stdout).toContain('file=ops/content/runbooks/bad.mdx,')
  expect(github.stdout).toContain('file=ops/content/runbooks/a%2Cb 100%25.mdx,')
  const sarif = await space.runbook(['check', '--format', 'sarif'], {}, 'ops')
  expect(sarif.stdout).toContain('"uri": "ops/content/runbooks/a%2Cb%20100%25.mdx"')
  const alerts = await space.runbook(['alerts', 'check', 'rules', '--format', 'github'], {}, 'ops')
  expect(alerts.stdout).toContain('file=ops/rules/r.yml,')
  const text = await space.runbook(['check'], {}, 'ops')
  expect(text.stdout).toContain('content/runbooks/bad.mdx:')
  expect(text.stdout).not.toContain('ops/content')
})
