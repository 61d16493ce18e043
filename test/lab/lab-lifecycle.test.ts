import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { LabState } from '../../scripts/lab/state.ts'
import { requestJson } from '../../scripts/lib/ask-json.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import {
  cleanUp,
  get,
  runScript,
  startLab,
  startScript,
  survivors,
  tempDir,
  within,
} from '../scripts/support.ts'
import { patienceMs } from '../support/patience.ts'

afterEach(cleanUp)

async function pidsOf(lab: Awaited<ReturnType<typeof startLab>>): Promise<number[]> {
  const { colors } = await lab.state()
  return [colors.blue.pid, colors.green.pid].filter((pid) => pid !== null)
}

async function deployGreen(lab: Awaited<ReturnType<typeof startLab>>): Promise<void> {
  const artifact = join(lab.dir, 'artifacts', 'storefront-1.3.0')
  const ran = await runScript('deploy.ts', '--color', 'green', '--artifact', artifact, '--lab', lab.admin)
  expect(ran).toMatchObject({ code: 0, stderr: '' })
}

test('the lab starts, serves the product, and ends on SIGINT with no process left', async () => {
  const lab = await startLab(await tempDir(), '--load', '100')
  await deployGreen(lab)
  const pids = await pidsOf(lab)
  expect(pids).toHaveLength(2)
  const page = await get(`${lab.url}/`)
  expect(page.text).toContain('<title>Storefront 1.3.0</title>')
  expect(page.text).toContain('<div id="root">')
  for (const asset of ['/app.css', '/app.js']) expect((await get(lab.url + asset)).status).toBe(200)
  const ran = await lab.stop('SIGINT')
  expect(ran.code).toBe(0)
  expect(ran.stdout).toMatch(/load: [1-9]\d* requests sent, 0 failed\n$/)
  expect(await survivors(pids, 0)).toEqual([])
  expect(JSON.parse(await readFile(join(lab.dir, 'lab.json'), 'utf8'))).toMatchObject({ pid: null })
})

test('a SIGKILL of the lab leaves no child behind', async () => {
  const lab = await startLab(await tempDir())
  await deployGreen(lab)
  const pids = await pidsOf(lab)
  expect(pids).toHaveLength(2)
  lab.process.kill('SIGKILL')
  expect(await survivors(pids)).toEqual([])
})

test('with --with-parent the lab ends when its standard input closes', async () => {
  const started = startScript('lab.ts', ['--dir', await tempDir(), '--port', '0', '--with-parent'], 'pipe')
  await started.says(/lab ready on/)
  started.child.stdin?.end()
  expect((await within(started.ended, patienceMs, 'the lab to end')).code).toBe(0)
})

test('a lab whose parent was killed ends itself, with everything it started', async () => {
  const dir = await tempDir()
  const program = join(import.meta.dirname, '../../scripts/lab.ts')
  const start = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([program, '--dir', dir, '--port', '0', '--json'])}, { stdio: ['ignore', 'inherit', 'ignore'] })`
  const parent = spawn(process.execPath, ['-e', start], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  parent.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ready = () => /^\{"ready".*$/m.exec(output)?.[0]
  const { pid, adminUrl } = JSON.parse((await waitFor(ready, 60_000)) ?? '{}') as {
    pid: number
    adminUrl: string
  }
  const { body } = await requestJson('GET', `${adminUrl}/state`)
  const { blue } = (body as unknown as LabState).colors
  parent.kill('SIGKILL')
  expect(await survivors([pid, blue.pid ?? 0])).toEqual([])
})

test('a lab started again in the same folder has the same colors, versions and weights', async () => {
  const dir = await tempDir()
  const first = await startLab(dir)
  await deployGreen(first)
  await requestJson('PUT', `${first.admin}/traffic`, { body: { weights: { blue: 30, green: 70 } } })
  await first.stop('SIGHUP')
  const second = await startLab(dir)
  const state = await second.state()
  expect(state.traffic).toEqual({ version: 2, weights: { blue: 30, green: 70 }, live: 'green' })
  expect(state.colors.green).toMatchObject({ state: 'ready', version: '1.3.0' })
  expect(state.colors.blue).toMatchObject({ state: 'ready', version: '1.3.0' })
})

test('a flag of the environment is on for the canary alone, and the echo that goes through the model is slow', async () => {
  const dir = await tempDir()
  const flags = [
    '--provider',
    'env',
    '--dir',
    join(dir, 'flags'),
    '--key',
    'FEATURE_BYPASS_LLM',
    '--owner',
    'ai',
  ]
  expect((await runScript('flags.ts', 'create', ...flags, '--environment', 'blue')).code).toBe(0)
  expect((await runScript('flags.ts', 'create', ...flags, '--environment', 'green', '--on')).code).toBe(0)
  const lab = await startLab(dir)
  await deployGreen(lab)
  const { blue, green } = (await lab.state()).colors
  const features = async (url: string): Promise<unknown> => JSON.parse((await get(`${url}/features`)).text)
  expect(await features(green.url)).toEqual({ FEATURE_BYPASS_LLM: true })
  expect(await features(blue.url)).toEqual({ FEATURE_BYPASS_LLM: false })
  for (const { url } of [blue, green])
    for (let call = 0; call < 3; call++) expect((await get(`${url}/echo?message=ping`)).text).toBe('pong')
  const slowest = async (url: string): Promise<string> => (await get(`${url}/metrics`)).text
  // A timer is never early: none of the three was answered within half a second.
  expect(await slowest(blue.url)).toMatch(/duration_seconds_bucket\{color="blue",le="0.5"\} 0$/m)
  expect(await slowest(green.url)).not.toMatch(/duration_seconds_bucket\{color="green",le="0.5"\} 0$/m)
})

test('a second lab in the same folder is refused', async () => {
  const lab = await startLab(await tempDir())
  const ran = await runScript('lab.ts', '--dir', lab.dir, '--port', '0')
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('A lab is already running')
})

test('a port in use is named, with the flag that moves it', async () => {
  const taken = createServer()
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
  })
  const ran = await runScript('lab.ts', '--dir', await tempDir(), '--port', '0', '--green-port', String(port))
  taken.close()
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain(`Port ${port} cannot be used for green`)
  expect(ran.stderr).toContain('--green-port')
  expect(ran.stderr).not.toContain('    at ')
})
