import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askHAProxy } from '../../scripts/adapters/haproxy.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import {
  type RunningLab,
  cleanUp,
  colorsOf,
  isRunning,
  runScript,
  startLab,
  survivors,
  tempDir,
} from '../scripts/support.ts'
import { patienceMs } from '../support/patience.ts'

let lab: RunningLab
let socket: string
let flags: string[]

beforeAll(async () => {
  lab = await startLab(await tempDir(), '--with', 'haproxy,prometheus,alertmanager')
  const folder = join(lab.dir, 'haproxy')
  socket = join(folder, 'admin.sock')
  flags = ['--adapter', 'haproxy', '--socket', socket]
  flags.push('--state-file', join(folder, 'servers.state'), '--config', join(folder, 'haproxy.cfg'))
  const artifact = join(lab.dir, 'artifacts', 'storefront-1.3.0')
  await runScript('deploy.ts', '--color', 'green', '--artifact', artifact, '--lab', lab.admin)
})

afterAll(cleanUp)

/** Processes of HAProxy's master and worker. */
async function pids(): Promise<number[]> {
  const worker = /^Pid: (\d+)$/m.exec(await askHAProxy(socket, 'show info'))?.[1]
  return [Number(worker)]
}

async function reload(): Promise<void> {
  const [worker = 0] = await pids()
  const parent = Number((await import('node:fs')).readFileSync(`/proc/${worker}/stat`, 'utf8').split(' ')[3])
  process.kill(parent, 'SIGUSR2')
  await waitFor(
    async () => ((await pids().catch(() => [worker]))[0] === worker ? undefined : true),
    patienceMs,
  )
}

test('weights set at the socket are shares of the traffic, within 3 sigma', async () => {
  const ran = await runScript('traffic.ts', 'set', '--green', '10', ...flags)
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  const users = Array.from({ length: 600 }, (_, index) => `user-${index}`)
  const colors = await colorsOf(lab.url, users)
  expect(Math.abs((colors.get('green')?.length ?? 0) - 60)).toBeLessThanOrEqual(3 * Math.sqrt(54))
})

test('a user stays on a color, and as a color grows users only move to it', async () => {
  const users = Array.from({ length: 300 }, (_, index) => `user-${index}`)
  const greens: Set<string>[] = []
  for (const percent of ['10', '10', '50', '100']) {
    await runScript('traffic.ts', 'set', '--green', percent, ...flags)
    greens.push(new Set((await colorsOf(lab.url, users)).get('green')))
  }
  const [first, again, half, all] = greens
  expect(again).toEqual(first)
  for (const user of first ?? []) expect(half).toContain(user)
  expect(all?.size).toBe(300)
})

test('with the fault no-traffic a color that has weight gets nothing, and nobody notices', async () => {
  await runScript('traffic.ts', 'set', '--green', '50', ...flags)
  const users = Array.from({ length: 100 }, (_, index) => `user-${index}`)
  const fault = (...kind: string[]) => runScript('lab.ts', 'fault', ...kind, '--lab', lab.admin)
  expect((await fault('no-traffic', '--color', 'green')).code).toBe(0)
  expect([...(await colorsOf(lab.url, users)).keys()]).toEqual(['blue'])
  expect((await lab.state()).traffic.weights).toEqual({ blue: 50, green: 50 })
  await fault('none')
  expect((await colorsOf(lab.url, users)).get('green')?.length).toBeGreaterThan(0)
})

test('a reload keeps the weights; without our files it brings back the configured ones', async () => {
  await runScript('traffic.ts', 'set', '--green', '70', ...flags)
  await reload()
  expect((await runScript('traffic.ts', 'check', '--green', '70', ...flags)).code).toBe(0)
  await runScript('traffic.ts', 'set', '--green', '30', '--adapter', 'haproxy', '--socket', socket)
  await reload()
  expect((await runScript('traffic.ts', 'check', '--green', '70', ...flags)).code).toBe(0)
})

test('the live color is what the proxy says, whoever told it', async () => {
  await askHAProxy(socket, 'set weight app/blue 20; set weight app/green 80')
  expect((await runScript('traffic.ts', 'live', '--lab', lab.admin)).stdout).toBe('green\n')
  expect((await lab.state()).traffic.weights).toEqual({ blue: 20, green: 80 })
})

test('a color that fails its health check gets no more traffic', async () => {
  await runScript('traffic.ts', 'set', '--green', '0', ...flags)
  await runScript('deploy.ts', 'stop', '--color', 'green', '--lab', lab.admin)
  const ran = await runScript('traffic.ts', 'set', '--green', '50', ...flags)
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('green gets no more traffic')
  expect((await runScript('traffic.ts', 'check', '--green', '0', ...flags)).code).toBe(0)
})

test('Prometheus scrapes both colors, the switch and HAProxy, and knows the Alertmanager', async () => {
  const { servers } = await lab.state()
  const get = async (path: string): Promise<{ data: Record<string, { labels: { job: string } }[]> }> =>
    (await (await fetch(`${servers['prometheus']}${path}`)).json()) as never
  const { data } = await get('/api/v1/targets')
  expect(data['activeTargets']?.map(({ labels }) => labels.job).toSorted()).toEqual([
    'haproxy',
    'storefront-blue',
    'storefront-green',
    'switch',
  ])
  const connected = await waitFor(
    async () =>
      (await get('/api/v1/alertmanagers')).data['activeAlertmanagers']?.length === 1 ? true : undefined,
    patienceMs,
  )
  expect(connected).toBe(true)
})

test('when the lab is killed, none of its processes is left', async () => {
  const { colors, pid } = await lab.state()
  const running = [...(await pids()), colors.blue.pid ?? 0, pid]
  expect(running.every(isRunning)).toBe(true)
  await lab.stop('SIGKILL')
  expect(await survivors(running)).toEqual([])
})
