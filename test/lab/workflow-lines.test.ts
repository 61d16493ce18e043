import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { git } from '../../scripts/lib/git.ts'
import { testAuthority } from '../../scripts/programs/installer/rehearsal/test-authority.ts'
import { timestampServer } from '../../scripts/programs/installer/rehearsal/timestamp-server.ts'
import { cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import type { Ran, RunningLab } from '../scripts/support.ts'
import { type NpmRegistry, npmRegistry } from '../support/npm-registry.ts'
import { codeScanningServer } from '../support/servers/code-scanning.ts'
import type { CodeScanningServer } from '../support/servers/code-scanning.ts'
import { imageRegistry } from '../support/servers/image-registry.ts'
import { s3Server } from '../support/servers/s3-server.ts'
import { operationsSpace } from '../support/workflow-space.ts'

vi.setConfig({ testTimeout: 280_000 })

/** Jobs whose lines install what the jobs need: the machine of the test has it. */
const INSTALLS = /^(?:npm ci|sudo apt-get|skopeo login)/
const root = fileURLToPath(new URL('../..', import.meta.url))
let dir: string
let space: string
let product: string
let lab: RunningLab
let npm: NpmRegistry
let scanning: CodeScanningServer
/** The values of the expressions of a workflow, as GitHub would fill them in. */
let values: Record<string, string>

interface Step {
  run?: string
  if?: string
  env?: Record<string, string>
}
interface Workflow {
  env?: Record<string, string>
  jobs: Record<string, { env?: Record<string, string>; steps: Step[] }>
}

beforeAll(async () => {
  dir = await tempDir()
  lab = await startLab(dir, '--load', '200')
  product = join(dir, 'storefront')
  space = join(dir, 'space')
  operationsSpace(space, root)
  await git(product, ['tag', '-a', 'v1.4.0', '-m', 'Release 1.4.0'])
  await runScript(
    'build.ts',
    '--repository',
    product,
    '--version',
    '1.4.0',
    '--out',
    join(space, 'artifacts'),
  )
  await runScript(
    'build.ts',
    '--repository',
    product,
    '--version',
    '1.3.0',
    '--ref',
    'v1.3.0',
    '--out',
    join(space, 'artifacts'),
  )
  npm = await npmRegistry()
  scanning = await codeScanningServer()
  // What a product with packages has; the storefront has none.
  const lock = {
    name: 'storefront',
    version: '1.4.0',
    lockfileVersion: 3,
    packages: { '': { name: 'storefront' } },
  }
  writeFileSync(join(product, 'package-lock.json'), JSON.stringify(lock))
  values = {
    'inputs.version': '1.4.0',
    'inputs.strategy': 'instant',
    'inputs.environment': 'staging',
    'inputs.way': 'traffic',
    'inputs.reason': 'A drill',
    'inputs.emergency': 'false',
    'github.sha': await git(product, ['rev-parse', 'HEAD']),
    'github.ref_name': 'v1.4.0',
    'vars.ARTIFACTS': join(space, 'artifacts'),
    'vars.SITE': lab.url,
    'vars.PRESET': 'lab',
    'vars.HOLD': '1s',
    'vars.STAGING': lab.admin,
    'vars.LAB': lab.admin,
    'github.server_url': 'https://ci.example.com',
    'github.run_id': '1',
    'vars.RUNBOOK_STATE': join(dir, 'state'),
    'vars.NPM_REGISTRY': npm.url,
    'github.repository': 'example/shop',
    'secrets.GITHUB_TOKEN': scanning.env['GITHUB_TOKEN'] ?? '',
  }
})

afterAll(async () => {
  npm.close()
  scanning.close()
  await cleanUp()
})

/** The value of an expression: the first of its alternatives that is set. */
function valueOf(expression: string): string {
  const alternatives = expression.split('||').map((one) => one.trim())
  return alternatives.map((one) => values[one] ?? '').find((value) => value !== '') ?? ''
}

function filled(env: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, one: string) => valueOf(one)),
    ]),
  )
}

function read(name: string): Workflow {
  return parse(readFileSync(join(root, 'content/workflows', name), 'utf8')) as Workflow
}

/** Runs the lines of the jobs of a workflow, in order, each as a runner of GitHub does. Lines for a failed job are left out. */
async function play(name: string, extra: Record<string, string> = {}): Promise<{ line: string; ran: Ran }[]> {
  const workflow = read(name)
  const played: { line: string; ran: Ran }[] = []
  for (const { env, steps } of Object.values(workflow.jobs))
    for (const step of steps) {
      if (step.run === undefined || INSTALLS.test(step.run) || step.if === 'failure()') continue
      const all = { ...filled(workflow.env), ...filled(env), ...filled(step.env), PRODUCT: product, ...extra }
      played.push({ line: step.run, ran: await bash(step.run, all) })
    }
  return played
}

async function bash(line: string, env: Record<string, string>): Promise<Ran> {
  const github = {
    GITHUB_STEP_SUMMARY: join(dir, 'summary'),
    GITHUB_OUTPUT: join(dir, 'output'),
    GITHUB_RUN_ID: '1',
    RUNNER_TEMP: dir,
    ...scanning.env,
  }
  const own = {
    RUNBOOK_ACTOR: 'alice@example.com',
    npm_config_registry: npm.url,
    npm_config_userconfig: join(dir, 'npmrc'),
    npm_config_cache: join(dir, 'npm'),
  }
  const child = spawn('bash', ['-eo', 'pipefail', '-c', line], {
    cwd: space,
    env: { ...process.env, ...own, ...github, ...env },
  })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
  ran.code = await new Promise((resolve) => child.once('close', resolve))
  return ran
}

/** The lines that did not end with 0. */
const failures = (played: { line: string; ran: Ran }[]): object[] =>
  played
    .filter(({ ran }) => ran.code !== 0)
    .map(({ line, ran }) => ({ line, code: ran.code, stderr: ran.stderr }))

test('each line of release-tag, deploy-blue-green and rollback works on a lab', async () => {
  const tag = await play('release-tag.yml', { VERSION: '1.4.0', COMMIT: values['github.sha'] ?? '' })
  expect(failures(tag)).toEqual([])
  expect(readFileSync(join(dir, 'output'), 'utf8')).toMatch(/^version=1\.4\.0$/m)
  expect(readFileSync(join(dir, 'summary'), 'utf8')).not.toBe('')
  const deploy = await play('deploy-blue-green.yml')
  expect(failures(deploy)).toEqual([])
  const after = await lab.state()
  expect(after.colors[after.live].version).toBe('1.4.0')
  values['inputs.way'] = 'full'
  const back = await play('rollback.yml', { VERSION: '1.3.0' })
  expect(failures(back)).toEqual([])
  const now = await lab.state()
  expect(now.colors[now.live].version).toBe('1.3.0')
})

test('each line of release works with servers on loopback; without a checked commit and off macOS it stops', async () => {
  const images = await imageRegistry(join(dir, 'images'))
  const authority = await testAuthority(join(dir, 'authority'), 'Example Ltd')
  const timestamps = await timestampServer(join(dir, 'authority'), {
    ...authority.timestamping,
    ca: authority.ca,
  })
  const bucket = await s3Server()
  writeFileSync(join(dir, 'npmrc'), `//${new URL(npm.url).host}/:_authToken=token\n`)
  Object.assign(values, {
    'vars.SIGNING_CA': authority.ca,
    'vars.TIMESTAMP': timestamps.url,
    'vars.RELEASE_BUCKET': 's3://releases/shop/',
    'vars.AWS_ENDPOINT_URL_S3': bucket.url,
    'secrets.WINDOWS_CERTIFICATE': readFileSync(authority.pfx).toString('base64'),
    'secrets.WINDOWS_CERTIFICATE_PASSWORD': authority.password,
    'secrets.AWS_ACCESS_KEY_ID': bucket.env['AWS_ACCESS_KEY_ID'] ?? '',
    'secrets.AWS_SECRET_ACCESS_KEY': bucket.env['AWS_SECRET_ACCESS_KEY'] ?? '',
  })
  const played = await play('release.yml', {
    IMAGE: `${images.host}/Shop`,
    RESULT: 'done',
    LINK: 'https://ci.example.com/1',
  })
  const failed = failures(played)
  expect(failed, JSON.stringify(failed, undefined, 2)).toEqual([
    ...(process.platform === 'darwin'
      ? []
      : [
          expect.objectContaining({
            code: 1,
            stderr: expect.stringContaining('macOS 13 or later') as string,
          }),
        ]),
    expect.objectContaining({
      code: 1,
      stderr: expect.stringMatching(/RELEASE_SIGNING_KEY|was not checked/) as string,
    }),
  ])
  const scanned = played.filter(({ line }) => line.includes('runbook scan')).map(({ ran }) => ran.stdout)
  expect(scanned).toEqual([
    expect.stringMatching(/^passed: 0 block/),
    expect.stringMatching(/^\+ example\/shop has 0 findings of npm audit/),
  ])
  expect([...bucket.objects.keys()]).toEqual([
    expect.stringMatching(/1\.4\.0\.msi$/),
    expect.stringMatching(/1\.4\.0\.exe$/),
  ])
  timestamps[Symbol.dispose]()
  images[Symbol.dispose]()
  bucket.close()
})

test('every line is tried or installs something, and no line contains an expression', () => {
  for (const name of ['release.yml', 'deploy-blue-green.yml', 'rollback.yml', 'release-tag.yml']) {
    const lines = Object.values(read(name).jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))
    expect(lines.length).toBeGreaterThan(2)
    for (const line of lines) {
      // A shell would read the value of an expression as a part of the script.
      expect(line).not.toContain('${{')
      if (!INSTALLS.test(line)) expect(line).toMatch(/npx --no-install runbook /)
    }
  }
})
