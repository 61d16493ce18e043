import { chmodSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const secret = 's3cret-of-the-file'
const runbook = page(
  commandStep('a', 'echo "token $DEPLOY_TOKEN, region $REGION, other ${OTHER:-none}, path $PATH"'),
  'requires: { env: [DEPLOY_TOKEN, REGION], publicEnv: [REGION] }\n',
)

test('a file gives the variables that the runbook declares, below those of the shell, and its secrets are hidden', async () => {
  using space = workspace({
    'content/runbooks/a.mdx': runbook,
    'local.env': `# local\nexport DEPLOY_TOKEN="${secret}"\nREGION=eu-from-file\nOTHER=undeclared\nPATH=/nowhere\nRUNBOOK_STATE=/nowhere\nNODE_OPTIONS=--import=/nowhere.mjs\n`,
  })
  chmodSync(join(space.root, 'local.env'), 0o644)
  const args = ['exec', 'a', '--yes', '--dotenv', 'local.env']
  const ran = await space.runbook(args, { REGION: 'eu-from-shell' })
  expect(ran.code, ran.stderr).toBe(0)
  expect(ran.stderr).toContain('chmod 600 local.env')
  expect(ran.stderr).toContain('NODE_OPTIONS, OTHER, PATH, RUNBOOK_STATE not used')
  const { stdout: log } = await space.runbook(['log', 'last'])
  expect(log).toContain('region eu-from-shell, other none, path ')
  expect(log).not.toContain('/nowhere')
  expect(log).not.toContain('token ,')
  const state = join(space.root, '.runbook')
  const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  for (const { parentPath, name } of files)
    expect(readFileSync(join(parentPath, name), 'latin1'), name).not.toContain(secret)
  chmodSync(join(space.root, 'local.env'), 0o600)
  expect((await space.runbook(args)).stderr).not.toContain('chmod')
})

test('a file that is missing is named, and nothing runs', async () => {
  using space = workspace({ 'content/runbooks/a.mdx': runbook })
  const ran = await space.runbook(['exec', 'a', '--yes', '--dotenv', 'gone.env'])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain('The file `gone.env` cannot be read')
  expect((await space.runbook(['runs', '--json'])).stdout).not.toContain('"a"')
})
